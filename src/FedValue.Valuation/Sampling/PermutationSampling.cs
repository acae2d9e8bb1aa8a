using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>
/// Shapley values as the mean marginal contribution over random orders of the players (Castro, Gomez, Tejada 2009). Every permutation walks
/// from the empty coalition through all players, so its marginals sum to U(N) - U(empty).
/// </summary>
public static class PermutationSampling
{
    /// <summary>Samples until the rule is met. Permutation i is drawn from (seed, stream, i) alone.</summary>
    /// <param name="utility">The game.</param>
    /// <param name="rule">When to stop.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">Usually the round.</param>
    /// <param name="threads">How many evaluations may run at once; changes no bit.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    public static PermutationEstimate Run(
        IUtility utility, StoppingRule rule, long seed, uint stream, int threads, CancellationToken cancellation = default) =>
        SampleMean.Run(utility, new PermutationSampler(seed, stream), rule, threads, cancellation);

    /// <summary>Permutation i of a stream.</summary>
    internal static int[] Order(int players, long seed, uint stream, uint index) =>
        new RandomStream(seed, RandomPurpose.Permutation, stream, index).NextPermutation(players);
}

/// <summary>One sample is the mean over the walks along one or several orders that are made from one random order.</summary>
class PermutationSampler(long seed, uint stream) : IValueSampler
{
    public virtual int Permutations => 1;

    /// <summary>The orders of one sample; each must be uniformly random by itself.</summary>
    protected virtual IEnumerable<int[]> OrdersFrom(int[] order) => [order];

    public double[][][] Draw(MemoizedUtility known, uint first, int count, CancellationToken cancellation)
    {
        (int[] Order, Coalition[] Prefixes)[][] samples =
        [
            .. Enumerable.Range(0, count).Select(i => OrdersFrom(PermutationSampling.Order(known.Players, seed, stream, first + (uint)i))
                .Select(order => (order, Prefixes(order))).ToArray()),
        ];
        known.Require(samples.SelectMany(walks => walks).SelectMany(walk => walk.Prefixes), cancellation);
        return [.. samples.Select(walks => Mean(known, walks))];
    }

    static double[][] Mean(MemoizedUtility known, (int[] Order, Coalition[] Prefixes)[] walks)
    {
        double[][] values = SampleMean.Zeros(known);
        foreach ((int[] order, Coalition[] prefixes) in walks)
        {
            for (int position = 0; position < order.Length; position++)
            {
                ReadOnlySpan<double> before = known[prefixes[position]], after = known[prefixes[position + 1]];
                for (int c = 0; c < values.Length; c++)
                    values[c][order[position]] += (after[c] - before[c]) / walks.Length;
            }
        }
        return values;
    }

    static Coalition[] Prefixes(int[] order)
    {
        var prefixes = new Coalition[order.Length + 1];
        prefixes[0] = Coalition.Of();
        for (int i = 0; i < order.Length; i++)
            prefixes[i + 1] = prefixes[i].With(order[i]);
        return prefixes;
    }
}

/// <summary>A permutation and its reverse are one sample (Mitchell, Cooper, Frank, Holmes 2022).</summary>
sealed class AntitheticSampler(long seed, uint stream) : PermutationSampler(seed, stream)
{
    public override int Permutations => 2;

    protected override IEnumerable<int[]> OrdersFrom(int[] order) => [order, [.. order.Reverse()]];
}

/// <summary>
/// Strata are coalition sizes: the rotations of a permutation, evenly spaced, are one sample. With all n of them every player stands in
/// every place once, so the sample is a mean over sizes with equal weights and still sums to U(N) - U(empty).
/// </summary>
sealed class StratifiedSampler(long seed, uint stream, int rotations) : PermutationSampler(seed, stream)
{
    public override int Permutations => rotations;

    protected override IEnumerable<int[]> OrdersFrom(int[] order) => Enumerable.Range(0, rotations).Select(r =>
    {
        int first = (int)((long)r * order.Length / rotations);
        return (int[])[.. order[first..], .. order[..first]];
    });
}

/// <summary>What sampling gave.</summary>
/// <param name="Values">One per player.</param>
/// <param name="StandardErrors">Of the mean over independent samples, one per player.</param>
/// <param name="Replicates">The same samples' values in every further column of the utility: columns x players.</param>
/// <param name="Evaluations">Distinct coalitions measured.</param>
/// <param name="Permutations">How many were drawn.</param>
/// <param name="Converged">Whether the tolerance was reached, not just the maximum.</param>
public sealed record PermutationEstimate(
    double[] Values, double[] StandardErrors, double[][] Replicates, long Evaluations, long Permutations, bool Converged);
