using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>
/// Shapley values as the mean marginal contribution over random orders of the players (Castro, Gomez, Tejada 2009). Every permutation walks
/// from the empty coalition through all players, so its marginals sum to U(N) - U(empty).
/// </summary>
public static class PermutationSampling
{
    /// <summary>Permutations are drawn and tested for the stopping rule so many at a time, whatever the number of threads.</summary>
    const int Batch = 16;

    /// <summary>Samples until the rule is met. Permutation i is drawn from (seed, stream, i) alone.</summary>
    /// <param name="utility">The game.</param>
    /// <param name="rule">When to stop.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">Usually the round.</param>
    /// <param name="threads">How many evaluations may run at once; changes no bit.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    public static PermutationEstimate Run(
        IUtility utility, StoppingRule rule, long seed, uint stream, int threads, CancellationToken cancellation = default)
    {
        if (rule.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(rule));

        int n = utility.Players, columns = utility.Columns;
        var known = new MemoizedUtility(utility, threads);
        var means = new double[columns][];
        for (int c = 0; c < columns; c++)
            means[c] = new double[n];
        var squares = new double[n]; // sums of squared deviations of column 0 (Welford)
        var errors = new double[n];
        var marginals = new double[columns];
        long samples = 0;
        bool met = false;

        while (!met && samples < rule.Maximum)
        {
            int batch = (int)Math.Min(Batch, rule.Maximum - samples);
            (int[] Order, Coalition[] Prefixes)[] walks =
                [.. Enumerable.Range(0, batch).Select(i => Walk(n, seed, stream, (uint)(samples + i)))];
            known.Require(walks.SelectMany(walk => walk.Prefixes), cancellation);
            foreach ((int[] order, Coalition[] prefixes) in walks)
            {
                samples++;
                for (int position = 0; position < n; position++)
                {
                    int player = order[position];
                    ReadOnlySpan<double> before = known[prefixes[position]], after = known[prefixes[position + 1]];
                    for (int c = 0; c < columns; c++)
                    {
                        double deviation = after[c] - before[c] - means[c][player];
                        means[c][player] += deviation / samples;
                        if (c == 0)
                            squares[player] += deviation * (after[0] - before[0] - means[0][player]);
                    }
                }
            }
            for (int j = 0; j < n; j++)
                errors[j] = samples < 2 ? double.PositiveInfinity : Math.Sqrt(squares[j] / (samples - 1) / samples);
            met = rule.IsMet(samples, means[0], errors);
        }
        return new PermutationEstimate(means[0], errors, means[1..], known.Evaluations, samples, met);
    }

    static (int[] Order, Coalition[] Prefixes) Walk(int n, long seed, uint stream, uint index)
    {
        int[] order = new RandomStream(seed, RandomPurpose.Permutation, stream, index).NextPermutation(n);
        var prefixes = new Coalition[n + 1];
        prefixes[0] = Coalition.Of();
        for (int i = 0; i < n; i++)
            prefixes[i + 1] = prefixes[i].With(order[i]);
        return (order, prefixes);
    }
}

/// <summary>What sampling permutations gave.</summary>
/// <param name="Values">One per player.</param>
/// <param name="StandardErrors">Of the mean over permutations, one per player.</param>
/// <param name="Replicates">The same permutations' values in every further column of the utility: columns x players.</param>
/// <param name="Evaluations">Distinct coalitions measured.</param>
/// <param name="Permutations">How many were drawn.</param>
/// <param name="Converged">Whether the tolerance was reached, not just the maximum.</param>
public sealed record PermutationEstimate(
    double[] Values, double[] StandardErrors, double[][] Replicates, long Evaluations, long Permutations, bool Converged);
