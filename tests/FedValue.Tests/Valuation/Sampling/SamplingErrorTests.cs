using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Sampling;

/// <summary>
/// Whether the estimates and their errors are right on average. The seeds are fixed, so chance decided once, when they were written.
/// </summary>
public sealed class SamplingErrorTests
{
    static readonly double[] Game = BruteForce.RandomGame(5, 60);
    static readonly double[] Exact = BruteForce.Shapley(Game);

    static PermutationEstimate Run(long seed, int permutations) =>
        PermutationSampling.Run(new TableGame(Game), new StoppingRule(2, permutations, 0), seed, stream: 1, threads: 1);

    /// <summary>A mean within four standard errors of what is expected: a right sampler fails with probability 6e-5 per number.</summary>
    static void AssertMean(double expected, IReadOnlyList<double> draws, string what)
    {
        double mean = draws.Average();
        double error = Math.Sqrt(draws.Sum(draw => (draw - mean) * (draw - mean)) / (draws.Count - 1) / draws.Count);
        Assert.True(Math.Abs(mean - expected) <= 4 * error, $"{what}: {mean:R} is not {expected:R} within 4 x {error:R}.");
    }

    [Fact]
    public void Values_are_unbiased_over_seeds()
    {
        PermutationEstimate[] estimates = [.. Enumerable.Range(0, 1000).Select(seed => Run(seed, 8))];
        for (int j = 0; j < Exact.Length; j++)
            AssertMean(Exact[j], [.. estimates.Select(estimate => estimate.Values[j])], $"value of {j}");
    }

    [Fact]
    public void Squared_standard_errors_are_the_variance_of_one_permutation_divided_by_their_number()
    {
        const int permutations = 10;
        double[][] marginals = [.. BruteForce.Orders(5).Select(order => BruteForce.Marginals(order, Game))];
        PermutationEstimate[] estimates = [.. Enumerable.Range(0, 1000).Select(seed => Run(seed, permutations))];
        for (int j = 0; j < Exact.Length; j++)
        {
            double variance = marginals.Average(m => (m[j] - Exact[j]) * (m[j] - Exact[j]));
            AssertMean(variance / permutations, [.. estimates.Select(e => e.StandardErrors[j] * e.StandardErrors[j])], $"variance of {j}");
        }
    }

    [Fact]
    public void The_standard_error_is_that_of_the_permutations_that_were_drawn()
    {
        // Two players have two orders: with k of m permutations in one of them the mean and the error follow by hand.
        double[] game = [0, 1, 2, 10];
        PermutationEstimate estimate =
            PermutationSampling.Run(new TableGame(game), new StoppingRule(2, 40, 0), seed: 3, stream: 0, threads: 1);
        double share = (estimate.Values[0] - 8) / (1 - 8); // player 0 adds 1 when it comes first and 8 when it comes second
        double variance = share * (1 - share) * 49 * 40 / 39;
        Assert.InRange(share, 0.2, 0.8);
        Assert.Equal(Math.Round(40 * share), 40 * share, 1e-9);
        Close.Equal([Math.Sqrt(variance / 40), Math.Sqrt(variance / 40)], estimate.StandardErrors);
    }

    /// <summary>
    /// With 64 permutations and the t quantile of 19 degrees of freedom the coverage is about 0.96; among 5 x 1000 intervals the share has
    /// a standard deviation of at most 0.0062 (if the five of a run were one and the same): [0.93, 0.99] fails with probability below 2e-6.
    /// </summary>
    [Fact]
    public void The_interval_covers_the_true_value_as_often_as_it_says()
    {
        const int repetitions = 1000;
        int covered = 0;
        for (int seed = 0; seed < repetitions; seed++)
        {
            PermutationEstimate sampled = Run(seed, 64);
            var estimate = Estimate.Sampled(sampled.Values, sampled.StandardErrors, []);
            for (int j = 0; j < Exact.Length; j++)
            {
                (double low, double high) = estimate.Interval(j)!.Value;
                covered += low <= Exact[j] && Exact[j] <= high ? 1 : 0;
            }
        }
        Assert.InRange((double)covered / (repetitions * Exact.Length), 0.93, 0.99);
    }
}
