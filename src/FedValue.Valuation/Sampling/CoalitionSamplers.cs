using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>
/// Shapley by the multilinear extension (Owen 1972): phi_j is the mean of U(S+j) - U(S-j) over q uniform in (0, 1) and coalitions S in which
/// everybody is with probability q. One sample takes one random q from each of so many equal strata below 1/2 and, for every S, also its
/// complement (Okhrati and Lipani 2020): no grid of fixed q, hence no bias from one.
/// </summary>
sealed class OwenSampler(long seed, uint stream, int levels) : IValueSampler
{
    public int Permutations => 2 * levels;

    public double[][][] Draw(MemoizedUtility known, uint first, int count, CancellationToken cancellation)
    {
        (Coalition[] With, Coalition[] Without)[][] samples =
            [.. Enumerable.Range(0, count).Select(i => Sample(known.Players, first + (uint)i).Select(Neighbours).ToArray())];
        known.Require(samples.SelectMany(sweeps => sweeps).SelectMany(sweep => sweep.With.Concat(sweep.Without)), cancellation);
        return [.. samples.Select(sweeps => Mean(known, sweeps))];
    }

    IEnumerable<bool[]> Sample(int n, uint index)
    {
        var random = new RandomStream(seed, RandomPurpose.Coalition, stream, index);
        for (int level = 0; level < levels; level++)
        {
            double q = (level + random.NextDouble()) / (2 * levels);
            bool[] members = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() < q)];
            yield return members;
            yield return Array.ConvertAll(members, member => !member);
        }
    }

    static (Coalition[] With, Coalition[] Without) Neighbours(bool[] members)
    {
        int[] all = [.. Enumerable.Range(0, members.Length)];
        var coalition = Coalition.Of([.. all.Where(j => members[j])]);
        return (
            [.. all.Select(j => members[j] ? coalition : coalition.With(j))],
            [.. all.Select(j => members[j] ? Coalition.Of([.. all.Where(i => members[i] && i != j)]) : coalition)]);
    }

    static double[][] Mean(MemoizedUtility known, (Coalition[] With, Coalition[] Without)[] sweeps)
    {
        double[][] values = SampleMean.Zeros(known);
        foreach ((Coalition[] with, Coalition[] without) in sweeps)
        {
            for (int player = 0; player < with.Length; player++)
            {
                ReadOnlySpan<double> after = known[with[player]], before = known[without[player]];
                for (int c = 0; c < values.Length; c++)
                    values[c][player] += (after[c] - before[c]) / sweeps.Length;
            }
        }
        return values;
    }
}

/// <summary>
/// Banzhaf by maximum sample reuse (Wang and Jia 2023): mean(U | j in S) - mean(U | j not in S) over coalitions by fair coins. A coalition
/// and its complement are one sample, +-(U(S) - U(complement)) for everybody: nobody's count is ever one-sided, the utility's level cancels,
/// and over all 2^n coalitions it is Banzhaf's value.
/// </summary>
sealed class BanzhafSampler(long seed, uint stream) : IValueSampler
{
    public int Permutations => 1; // a pair of coalitions, not a permutation: n times cheaper

    public double[][][] Draw(MemoizedUtility known, uint first, int count, CancellationToken cancellation)
    {
        bool[][] samples = [.. Enumerable.Range(0, count).Select(i => Coins(known.Players, first + (uint)i))];
        known.Require(samples.SelectMany(members => new[] { Set(members, true), Set(members, false) }), cancellation);
        return [.. samples.Select(members => Values(known, members))];
    }

    /// <summary>The values that one coalition and its complement give, by column; both must be known.</summary>
    public static double[][] Values(MemoizedUtility known, bool[] members)
    {
        double[][] values = SampleMean.Zeros(known);
        ReadOnlySpan<double> inside = known[Set(members, true)], outside = known[Set(members, false)];
        for (int c = 0; c < values.Length; c++)
        {
            for (int player = 0; player < members.Length; player++)
                values[c][player] = members[player] ? inside[c] - outside[c] : outside[c] - inside[c];
        }
        return values;
    }

    bool[] Coins(int n, uint index)
    {
        var random = new RandomStream(seed, RandomPurpose.Coalition, stream, index);
        return [.. Enumerable.Range(0, n).Select(_ => random.NextInteger(2) == 1)];
    }

    static Coalition Set(bool[] members, bool side) =>
        Coalition.Of([.. Enumerable.Range(0, members.Length).Where(j => members[j] == side)]);
}
