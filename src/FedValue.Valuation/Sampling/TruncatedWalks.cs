using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>
/// Walks along orders that end where what is left to gain is small: as soon as |U(N) - U(prefix)| is below a threshold, everybody who comes
/// later adds 0 and is not measured (Ghorbani and Zou 2019; within-round truncation of GTG). Column 0 decides for all columns.
/// </summary>
static class TruncatedWalks
{
    /// <summary>What everybody adds along each order: orders x columns x players. All orders step together and so measure in parallel.</summary>
    /// <param name="known">The game; the walks measure what they need.</param>
    /// <param name="orders">Orders of all players.</param>
    /// <param name="threshold">0 or more, in units of the utility; 0 ends no walk.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    public static double[][][] Of(MemoizedUtility known, IReadOnlyList<int[]> orders, double threshold, CancellationToken cancellation)
    {
        int n = known.Players;
        Coalition empty = Coalition.Of(), grand = Coalition.Grand(n);
        known.Require([empty, grand], cancellation);
        double all = known[grand][0];
        double[][][] values = [.. orders.Select(_ => SampleMean.Zeros(known))];
        Coalition[] at = [.. orders.Select(_ => empty)]; // every walk restarts at U(empty)
        for (int position = 0; position < n; position++)
        {
            int[] going = [.. Enumerable.Range(0, orders.Count).Where(w => Math.Abs(all - known[at[w]][0]) >= threshold)];
            Coalition[] next = [.. going.Select(w => at[w].With(orders[w][position]))];
            known.Require(next, cancellation);
            for (int i = 0; i < going.Length; i++)
            {
                int w = going[i];
                ReadOnlySpan<double> before = known[at[w]], after = known[next[i]];
                for (int c = 0; c < values[w].Length; c++)
                    values[w][c][orders[w][position]] = after[c] - before[c];
                at[w] = next[i];
            }
        }
        return values;
    }
}

/// <summary>Truncated Monte Carlo: the permutations of <see cref="PermutationSampling"/>, walks ending at tolerance * |U(N) - U(empty)|.</summary>
sealed class TruncatedSampler(long seed, uint stream, double tolerance) : IValueSampler
{
    public int Permutations => 1;

    public double[][][] Draw(MemoizedUtility known, uint first, int count, CancellationToken cancellation)
    {
        int n = known.Players;
        Coalition empty = Coalition.Of(), grand = Coalition.Grand(n);
        known.Require([empty, grand], cancellation);
        int[][] orders = [.. Enumerable.Range(0, count).Select(i => PermutationSampling.Order(n, seed, stream, first + (uint)i))];
        return TruncatedWalks.Of(known, orders, tolerance * Math.Abs(known[grand][0] - known[empty][0]), cancellation);
    }
}
