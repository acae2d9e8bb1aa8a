using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

public sealed class StoppingTests
{
    static PermutationEstimate Run(double[] game, int minimum, int maximum, double tolerance) =>
        PermutationSampling.Run(new TableGame(game), new StoppingRule(minimum, maximum, tolerance), seed: 8, stream: 0, threads: 2);

    static readonly double[] Noisy = BruteForce.RandomGame(6, 50);

    [Fact]
    public void The_maximum_is_never_passed_and_reaching_it_is_not_convergence()
    {
        foreach (int maximum in new[] { 2, 15, 16, 17, 37, 64 })
        {
            PermutationEstimate estimate = Run(Noisy, 2, maximum, tolerance: 0);
            Assert.Equal(maximum, estimate.Permutations);
            Assert.False(estimate.Converged);
        }
    }

    [Fact]
    public void The_minimum_is_reached_even_if_nothing_varies()
    {
        double[] additive = [0, 1, 2, 3, 4, 5, 6, 7];
        foreach (int minimum in new[] { 2, 16, 17, 100 })
        {
            PermutationEstimate estimate = Run(additive, minimum, 1000, tolerance: 0);
            Assert.InRange(estimate.Permutations, minimum, minimum + 15); // tested after every 16
            Assert.True(estimate.Converged);
        }
    }

    [Fact]
    public void It_stops_as_soon_as_the_tolerance_is_met()
    {
        foreach (double tolerance in new[] { 0.15, 0.1, 0.05, 0.02 })
        {
            PermutationEstimate estimate = Run(Noisy, 2, 100_000, tolerance);
            Assert.True(estimate.Converged);
            Assert.True(LargestRatio(estimate) <= tolerance);
            Assert.True(estimate.Permutations > 16, "The tolerance should take more than one batch.");
            PermutationEstimate before = Run(Noisy, 2, (int)estimate.Permutations - 16, tolerance);
            Assert.False(before.Converged);
            Assert.True(LargestRatio(before) > tolerance);
        }
    }

    [Fact]
    public void Meeting_the_tolerance_at_the_maximum_is_convergence()
    {
        long needed = Run(Noisy, 2, 100_000, 0.1).Permutations;
        PermutationEstimate estimate = Run(Noisy, 2, (int)needed, 0.1);
        Assert.Equal((needed, true), (estimate.Permutations, estimate.Converged));
    }

    [Fact]
    public void A_rule_that_makes_no_sense_is_refused() =>
        Assert.StartsWith("At least 2 permutations are needed", Assert.Throws<ArgumentException>(() => Run(Noisy, 1, 5, 0)).Message);

    static double LargestRatio(PermutationEstimate estimate) => estimate.StandardErrors.Max() / estimate.Values.Select(Math.Abs).Max();
}
