namespace FedValue.Valuation.Agreement;

/// <summary>
/// How much the updates of rounds differ in size and direction. Raw Gradient Shapley and CHG punish large updates, so they invert when
/// participants hold different data; this says when to expect that.
/// </summary>
/// <param name="NormVariation">Standard deviation of the updates' norms over their mean, averaged over rounds.</param>
/// <param name="MeanCosine">Mean cosine of pairs of updates, averaged over rounds; null where no Gram matrix was kept.</param>
public sealed record Heterogeneity(double NormVariation, double? MeanCosine)
{
    /// <summary>
    /// Above this variation or below this cosine the updates look as non-IID data makes them. A rule of thumb, measured on digits with 8
    /// participants: IID, three with 60 % flipped labels: 0.07 to 0.25 and 0.28 to 0.34; Dirichlet 0.5: 0.24 to 0.42 and 0.12 to 0.18.
    /// </summary>
    public const double NormVariationMax = 0.3, MeanCosineMin = 0.25;

    /// <summary>Whether the updates look non-IID.</summary>
    public bool IsHigh => NormVariation > NormVariationMax || MeanCosine < MeanCosineMin;

    /// <summary>Measures rounds; those with fewer than two moving updates say nothing and are left out.</summary>
    /// <param name="rounds">Per round the squared norms (n) and, where it was kept, the Gram matrix (n x n).</param>
    /// <returns>Null when no round says anything.</returns>
    public static Heterogeneity? Of(IEnumerable<(IReadOnlyList<double> SquaredNorms, IReadOnlyList<double>? Gram)> rounds)
    {
        List<double> variations = [], cosines = [];
        foreach ((IReadOnlyList<double> squares, IReadOnlyList<double>? gram) in rounds)
        {
            int n = squares.Count;
            int[] moving = [.. Enumerable.Range(0, n).Where(k => squares[k] > 0)];
            if (moving.Length < 2)
                continue;
            double[] norms = [.. moving.Select(k => Math.Sqrt(squares[k]))];
            double mean = norms.Average();
            variations.Add(Math.Sqrt(norms.Average(norm => (norm - mean) * (norm - mean))) / mean);
            if (gram is not null)
            {
                cosines.Add(moving.SelectMany((i, a) => moving.Take(a).Select(j => gram[i * n + j] / Math.Sqrt(squares[i] * squares[j])))
                    .Average());
            }
        }
        return variations.Count == 0 ? null : new Heterogeneity(variations.Average(), cosines.Count == 0 ? null : cosines.Average());
    }
}
