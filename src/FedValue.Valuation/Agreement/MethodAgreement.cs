using MathNet.Numerics.Statistics;

namespace FedValue.Valuation.Agreement;

/// <summary>How close two methods are. For tables and reports, never for payouts.</summary>
public static class MethodAgreement
{
    /// <summary>
    /// Spearman's rank correlation, -1 to 1; null where it is undefined: fewer than two values, or all equal in one of the lists.
    /// </summary>
    public static double? Spearman(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        CheckCounts(left.Count, right.Count);
        double correlation = left.Count < 2 ? double.NaN : Correlation.Spearman(left, right);
        return double.IsNaN(correlation) ? null : correlation;
    }

    /// <summary>
    /// The largest difference between two methods' shares, 0 to 1, where a share is max(value, 0) / sum of max(value, 0), as payouts are
    /// divided; null when one of them has no positive value.
    /// </summary>
    public static double? LargestShareDifference(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        CheckCounts(left.Count, right.Count);
        if (Shares(left) is not { } a || Shares(right) is not { } b)
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

    static double[]? Shares(IReadOnlyList<double> values)
    {
        double total = values.Sum(value => Math.Max(value, 0));
        return total > 0 ? [.. values.Select(value => Math.Max(value, 0) / total)] : null;
    }
}
