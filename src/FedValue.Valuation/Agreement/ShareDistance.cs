namespace FedValue.Valuation.Agreement;

/// <summary>
/// Shares of a total and how far two divisions of it lie apart, as in "On the Volatility of Shapley-Based Contribution Metrics in FL"
/// (arXiv 2405.08044v4). For tables and reports, never for payouts.
/// </summary>
public static class ShareDistance
{
    /// <summary>
    /// value / sum of values, so that negative values are negative shares; null where the sum is not above 0, because dividing by a negative
    /// one would turn the order around.
    /// </summary>
    public static double[]? Shares(IReadOnlyList<double> values)
    {
        double total = Sum(values);
        return total > 0 ? [.. values.Select(value => value / total)] : null;
    }

    /// <summary>max(value, 0) / sum of max(value, 0), as payouts are divided; null where no value is positive.</summary>
    public static double[]? PositiveShares(IReadOnlyList<double> values) => Shares([.. values.Select(value => Math.Max(value, 0))]);

    /// <summary>The same share for each of n participants.</summary>
    public static double[] Equal(int count) => [.. Enumerable.Repeat(1.0 / count, count)];

    /// <summary>The squared Euclidean distance: "Error 1" of the paper.</summary>
    public static double SquaredEuclidean(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        double[] difference = Difference(left, right);
        return Sum([.. difference.Select(d => d * d)]);
    }

    /// <summary>The largest absolute difference: "Error 2" of the paper.</summary>
    public static double Chebyshev(IReadOnlyList<double> left, IReadOnlyList<double> right) =>
        Difference(left, right).Select(Math.Abs).DefaultIfEmpty(0).Max();

    /// <summary>The sum of absolute differences: twice the part of the total that changes hands.</summary>
    public static double Absolute(IReadOnlyList<double> left, IReadOnlyList<double> right) =>
        Sum([.. Difference(left, right).Select(Math.Abs)]);

    /// <summary>
    /// How far several divisions are apart: the mean of <see cref="Absolute"/> over all pairs, 0 (all the same) to 2 (each pair pays others);
    /// null for fewer than two.
    /// </summary>
    public static double? MeanPairwise(IReadOnlyList<IReadOnlyList<double>> divisions)
    {
        double sum = 0;
        long pairs = 0;
        for (int a = 0; a < divisions.Count; a++)
        {
            for (int b = a + 1; b < divisions.Count; b++, pairs++)
                sum += Absolute(divisions[a], divisions[b]);
        }
        return pairs == 0 ? null : sum / pairs;
    }

    /// <summary>
    /// Lemma 1 of the paper: the expected squared distance of equal shares from the sizes that a symmetric Dirichlet distribution draws for n
    /// participants, (n - 1) / (n^2 alpha + n).
    /// </summary>
    public static double ExpectedOfEqual(int count, double alpha) => (count - 1) / (count * (double)count * alpha + count);

    static double[] Difference(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        if (left.Count != right.Count)
            throw new ArgumentException($"Shares of the same participants were expected, but {left.Count} and {right.Count} came.");
        return [.. left.Zip(right, (a, b) => a - b)];
    }

    static double Sum(IReadOnlyList<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum;
    }
}
