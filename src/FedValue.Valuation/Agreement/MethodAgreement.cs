using MathNet.Numerics.Statistics;

namespace FedValue.Valuation.Agreement;

/// <summary>How close two methods are. For tables and reports, never for payouts.</summary>
public static class MethodAgreement
{
    /// <summary>Values that differ by no more than this share of the largest one are equal: what is left between them is rounding.</summary>
    const double Rounding = 1e-9;

    /// <summary>
    /// Spearman's rank correlation, -1 to 1; null where it is undefined: fewer than two values, or all equal in one of the lists. Values
    /// that differ by rounding only are tied.
    /// </summary>
    public static double? Spearman(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        CheckCounts(left.Count, right.Count);
        double correlation = left.Count < 2 ? double.NaN : Correlation.Spearman(Tied(left), Tied(right));
        return double.IsNaN(correlation) ? null : correlation;
    }

    /// <summary>
    /// How far below 0 a rank correlation of n must lie for chance to go there in at most one of twenty cases: 1.645 / sqrt(n - 1), the
    /// normal approximation; beyond 1 no correlation of so few says anything.
    /// </summary>
    public static double CriticalSpearman(int count) => 1.645 / Math.Sqrt(Math.Max(1, count - 1));

    /// <summary>The values, those that differ by rounding only made equal: each takes the smallest of its chain.</summary>
    static double[] Tied(IReadOnlyList<double> values)
    {
        double[] tied = [.. values];
        double limit = Rounding * tied.Max(Math.Abs);
        int[] order = [.. Enumerable.Range(0, tied.Length).OrderBy(i => values[i])];
        for (int i = 1; i < order.Length; i++)
        {
            if (values[order[i]] - values[order[i - 1]] <= limit)
                tied[order[i]] = tied[order[i - 1]];
        }
        return tied;
    }

    /// <summary>
    /// The largest difference between two methods' shares, 0 to 1, where a share is max(value, 0) / sum of max(value, 0), as payouts are
    /// divided; null when one of them has no positive value.
    /// </summary>
    public static double? LargestShareDifference(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        CheckCounts(left.Count, right.Count);
        if (ShareDistance.PositiveShares(left) is not { } a || ShareDistance.PositiveShares(right) is not { } b)
            return null;
        return a.Zip(b, (x, y) => Math.Abs(x - y)).DefaultIfEmpty(0).Max();
    }

    /// <summary>
    /// The probability that a score finds the marked ones by being low: the share of (marked, unmarked) pairs in which the marked one
    /// scores lower, ties counting half (AUROC); null when nobody or everybody is marked.
    /// </summary>
    public static double? AreaUnderCurve(IReadOnlyList<double> scores, IReadOnlyList<bool> marked)
    {
        CheckCounts(scores.Count, marked.Count);
        double wins = 0;
        long pairs = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            for (int j = 0; j < scores.Count; j++)
            {
                if (!marked[i] || marked[j])
                    continue;
                pairs++;
                wins += scores[i] < scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        return pairs == 0 ? null : wins / pairs;
    }

    static void CheckCounts(int left, int right)
    {
        if (left != right)
        {
            throw new ArgumentException(
                $"Two lists about the same participants were expected, but one has {left} entries and the other {right}.");
        }
    }
}
