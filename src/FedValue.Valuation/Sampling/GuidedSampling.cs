using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>The settings of guided truncated gradient Shapley.</summary>
/// <param name="Between">A round whose |U(N) - U(empty)| is at most this is worth nothing to anybody (eps_b).</param>
/// <param name="Within">A walk ends where |U(N) - U(prefix)| is below this (eps_i).</param>
/// <param name="Change">Converged when the mean relative change against the last means is below this.</param>
/// <param name="Last">How many last means.</param>
readonly record struct GuidedSettings(double Between, double Within, double Change, int Last);

/// <summary>
/// GTG-Shapley (Liu et al. 2022, arXiv 2109.02053, Algorithm 1): the first place of the permutations rotates through all players, the rest
/// is random; walks are truncated; equation 10 says when it has converged. Whole cycles only, so that everybody leads equally often.
/// </summary>
static class GuidedSampling
{
    const int PermutationsMin = 30;

    /// <summary>
    /// Samples whole cycles of n permutations: at least max(30, n) permutations and two cycles, then until the criterion holds, but no cycle
    /// beyond the maximum. Null when the round is truncated as a whole.
    /// </summary>
    public static PermutationEstimate? Run(
        IUtility utility, GuidedSettings settings, int maximum, long seed, uint stream, int threads, CancellationToken cancellation)
    {
        int n = utility.Players;
        var known = new MemoizedUtility(utility, threads);
        Coalition empty = Coalition.Of(), grand = Coalition.Grand(n);
        known.Require([empty, grand], cancellation);
        if (Math.Abs(known[grand][0] - known[empty][0]) <= settings.Between)
            return null;

        double[][] sums = SampleMean.Zeros(known);
        var spread = new FollowerSpread(n);
        var last = new Queue<double[]>(); // means of column 0 after each of the last permutations
        long permutations = 0, most = Math.Max(2, maximum / n);
        bool converged = false;
        for (long cycle = 0; cycle < most && !converged; cycle++)
        {
            int[][] orders = [.. Enumerable.Range(0, n).Select(leader => Guided(n, leader, seed, stream, (uint)(cycle * n + leader)))];
            double[][][] walks = TruncatedWalks.Of(known, orders, settings.Within, cancellation);
            for (int leader = 0; leader < n; leader++)
            {
                permutations++;
                for (int c = 0; c < sums.Length; c++)
                {
                    for (int player = 0; player < n; player++)
                        sums[c][player] += walks[leader][c][player];
                }
                spread.Add(leader, walks[leader][0]);
                last.Enqueue([.. sums[0].Select(sum => sum / permutations)]);
                if (last.Count > settings.Last + 1)
                    last.Dequeue();
            }
            converged = cycle >= 1 && permutations >= Math.Max(PermutationsMin, n) && last.Count == settings.Last + 1
                && Change([.. last]) < settings.Change;
        }
        double[][] means = [.. sums.Select(column => Array.ConvertAll(column, sum => sum / permutations))];
        return new PermutationEstimate(means[0], spread.StandardErrors(), means[1..], known.Evaluations, permutations, converged);
    }

    /// <summary>
    /// Equation 10: 1/(n m) times the sum over players and the last m means of |phi^k - phi^(k-m)| / |phi^k|. A value that is 0 has not
    /// changed if it was 0, and else has changed without bound.
    /// </summary>
    public static double Change(IReadOnlyList<double[]> means)
    {
        double[] now = means[^1];
        double sum = 0;
        for (int m = 0; m < means.Count - 1; m++)
        {
            for (int player = 0; player < now.Length; player++)
            {
                double difference = Math.Abs(now[player] - means[m][player]);
                sum += difference == 0 ? 0 : now[player] == 0 ? double.PositiveInfinity : difference / Math.Abs(now[player]);
            }
        }
        return sum / ((double)now.Length * (means.Count - 1));
    }

    static int[] Guided(int n, int leader, long seed, uint stream, uint index)
    {
        int[] others = [.. Enumerable.Range(0, n).Where(player => player != leader)];
        new RandomStream(seed, RandomPurpose.Permutation, stream, index).Shuffle<int>(others);
        return [leader, .. others];
    }

    /// <summary>
    /// The standard error under rotating leaders: what a player adds as leader never varies, so only the (n - 1)/n of its value that it adds
    /// as follower has an error. Leaders are strata, and their common spread is at least that within them: the error is a little too large.
    /// </summary>
    sealed class FollowerSpread(int n)
    {
        readonly long[] _counts = new long[n];
        readonly double[] _means = new double[n];
        readonly double[] _squares = new double[n];

        public void Add(int leader, double[] values)
        {
            for (int player = 0; player < n; player++)
            {
                if (player == leader)
                    continue;
                double deviation = values[player] - _means[player];
                _means[player] += deviation / ++_counts[player];
                _squares[player] += deviation * (values[player] - _means[player]);
            }
        }

        public double[] StandardErrors() =>
        [
            .. Enumerable.Range(0, n).Select(j => _counts[j] < 2 ? 0 // one player: its value is no estimate
                : (n - 1.0) / n * Math.Sqrt(_squares[j] / (_counts[j] - 1) / _counts[j])),
        ];
    }
}
