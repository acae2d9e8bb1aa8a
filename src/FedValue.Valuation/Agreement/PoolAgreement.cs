namespace FedValue.Valuation.Agreement;

/// <summary>Shares of participants and how far two lists of them are apart. For tables and reports, never for payouts.</summary>
public static class PoolAgreement
{
    /// <summary>max(value, 0) / sum of max(value, 0), as payouts are divided; null when no value is positive.</summary>
    public static double[]? Shares(IReadOnlyList<double> values)
    {
        double total = values.Sum(value => Math.Max(value, 0));
        return total > 0 ? [.. values.Select(value => Math.Max(value, 0) / total)] : null;
    }

    /// <summary>
    /// How far the lists of shares are apart: the mean over all pairs of the sum of absolute differences, 0 (all the same) to 2 (each pair
    /// pays others); null for fewer than two lists.
    /// </summary>
    public static double? MeanPairwiseDistance(IReadOnlyList<IReadOnlyList<double>> shares)
    {
        double sum = 0;
        long pairs = 0;
        for (int a = 0; a < shares.Count; a++)
        {
            for (int b = a + 1; b < shares.Count; b++)
            {
                pairs++;
                sum += Differences(shares[a], shares[b]).Sum(Math.Abs);
            }
        }
        return pairs == 0 ? null : sum / pairs;
    }

    /// <summary>The sum of squared differences: "Error 1" of the volatility paper (arXiv 2405.08044v4).</summary>
    public static double SquaredDistance(IReadOnlyList<double> left, IReadOnlyList<double> right) => Differences(left, right).Sum(d => d * d);

    /// <summary>The largest absolute difference (Chebyshev): "Error 2" of the same paper.</summary>
    public static double LargestDistance(IReadOnlyList<double> left, IReadOnlyList<double> right) =>
        Differences(left, right).Select(Math.Abs).DefaultIfEmpty(0).Max();

    static IEnumerable<double> Differences(IReadOnlyList<double> left, IReadOnlyList<double> right) => left.Count == right.Count
        ? left.Zip(right, (a, b) => a - b)
        : throw new ArgumentException($"Two lists of shares of the same participants were expected, but {left.Count} and {right.Count} came.");
}
