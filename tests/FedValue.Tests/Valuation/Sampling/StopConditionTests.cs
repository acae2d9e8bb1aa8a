using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

public sealed class StopConditionTests
{
    static readonly double[] Noisy = BruteForce.RandomGame(6, 110);

    static MethodResult Run(string condition, double[]? game = null, int minimum = 2, int maximum = 4096, string method = "permutation") =>
        GameRound.Value(method, game ?? Noisy, new StoppingRule(minimum, maximum, 0) { Condition = StopCondition.Parse(condition) });

    static bool Holds(string condition, SamplingProgress at) => StopCondition.Parse(condition).Judge(at).Stop;

    [Fact]
    public void Terms_are_joined_by_all_of_and_any_of_and_all_of_binds_tighter()
    {
        var at = new SamplingProgress(Permutations: 100, Evaluations: 50, LargestValue: 2, LargestError: 0.1, StableBatches: 3);
        foreach (string holds in new[] { "permutations:100", "evaluations:50", "absolute-error:0.1", "relative-error:0.05", "rank-stable:3" })
            Assert.True(Holds(holds, at), holds);
        foreach (string not in new[] { "permutations:101", "evaluations:51", "absolute-error:0.09", "relative-error:0.04", "rank-stable:4" })
            Assert.False(Holds(not, at), not);
        Assert.True(Holds("rank-stable:4|permutations:100", at));
        Assert.False(Holds("rank-stable:4&permutations:100", at));
        Assert.True(Holds("permutations:100|rank-stable:4&evaluations:51", at));
        Assert.False(Holds("rank-stable:4&permutations:100|evaluations:51", at));
    }

    [Fact]
    public void There_is_one_spelling()
    {
        Assert.Equal("relative-error:0.05&rank-stable:5|evaluations:200",
            StopCondition.Parse(" relative-error:.050 & rank-stable:5.0|evaluations:2e2 ").Text);
        Assert.Equal("absolute-error:0", StopCondition.Parse("absolute-error:-0").Text);
        Assert.Equal("time:0.5|time:90", StopCondition.Parse("time:.50|time:9e1").Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("relative-error")]
    [InlineData("relative-error:0.1&")]
    [InlineData("relative-error:0.1,rank-stable:2")]
    [InlineData("relative-error:0.1:2")]
    [InlineData("relative-error=0.1")]
    [InlineData("seconds:3")]
    public void What_is_no_condition_is_refused_with_the_terms(string text) => Assert.StartsWith(
        "A stop condition is made of permutations:NUMBER, evaluations:NUMBER, absolute-error:NUMBER, relative-error:NUMBER, rank-stable:NUMBER, "
        + "time:NUMBER, ",
        Assert.Throws<FormatException>(() => StopCondition.Parse(text)).Message);

    [Theory]
    [InlineData("relative-error:-1", "'relative-error' of a stop condition must be 0 or more, but '-1' came.")]
    [InlineData("absolute-error:NaN", "'absolute-error' of a stop condition must be 0 or more, but 'NaN' came.")]
    [InlineData("permutations:1", "'permutations' of a stop condition must be a whole number from 2 to 1000000, but '1' came.")]
    [InlineData("rank-stable:0", "'rank-stable' of a stop condition must be a whole number from 1 to 1000000, but '0' came.")]
    [InlineData("time:0", "'time' of a stop condition must be positive, but '0' came.")]
    [InlineData("time:-0.1", "'time' of a stop condition must be positive, but '-0.1' came.")]
    [InlineData("time:Infinity", "'time' of a stop condition must be positive, but 'Infinity' came.")]
    [InlineData("evaluations:2.5", "'evaluations' of a stop condition must be a whole number from 1 to 1000000, but '2.5' came.")]
    public void A_number_out_of_range_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => StopCondition.Parse(text)).Message);

    [Fact]
    public void A_relative_error_stops_where_the_same_tolerance_does()
    {
        MethodResult tolerance = GameRound.Value("permutation", Noisy, new StoppingRule(2, 4096, 0.06));
        MethodResult condition = Run("relative-error:0.06");
        Assert.Equal(tolerance.Estimate.Values, condition.Estimate.Values);
        Assert.Equal((tolerance.Permutations, MethodResult.Converged), (condition.Permutations, condition.Status));
    }

    [Fact]
    public void An_absolute_error_is_reached()
    {
        MethodResult result = Run("absolute-error:0.05");
        Assert.True(result.Estimate.SamplingErrors.Max() <= 0.05);
        Assert.True(Run("permutations:" + (result.Permutations - 16)).Estimate.SamplingErrors.Max() > 0.05);
    }

    [Fact]
    public void A_budget_stops_at_the_next_batch_and_is_not_convergence()
    {
        MethodResult permutations = Run("permutations:100");
        Assert.Equal((112, MethodResult.StoppedAtMaximum), (permutations.Permutations, permutations.Status));
        MethodResult evaluations = Run("evaluations:60");
        Assert.Equal(MethodResult.StoppedAtMaximum, evaluations.Status);
        Assert.InRange(evaluations.Evaluations, 60, 64);
        Assert.InRange(Run("permutations:" + (evaluations.Permutations - 16)).Evaluations, 1, 59);
        Assert.Equal(MethodResult.Converged, Run("permutations:100|absolute-error:100").Status);
    }

    [Fact]
    public void A_stable_ranking_stops_after_so_many_batches_without_a_change()
    {
        double[] clear = [.. Enumerable.Range(0, 32).Select(mask => mask + 0.1 * Math.Sqrt(int.PopCount(mask)))];
        MethodResult result = Run("rank-stable:4", clear);
        Assert.Equal((80, MethodResult.Converged), (result.Permutations, result.Status)); // one batch to compare with, then four
        Assert.True(Run("rank-stable:4").Permutations >= 80);
    }

    [Fact]
    public void Minimum_and_maximum_hold_whatever_the_condition()
    {
        Assert.Equal(48, Run("absolute-error:100|evaluations:1", minimum: 40).Permutations); // three batches
        MethodResult most = Run("absolute-error:0", maximum: 50);
        Assert.Equal((50, MethodResult.StoppedAtMaximum), (most.Permutations, most.Status));
        foreach (string method in new[] { "permutation-antithetic", "stratified", "owen", "banzhaf-msr", "tmc" })
            Assert.InRange(Run("absolute-error:0", maximum: 100, method: method).Permutations, 80, 100);
    }

    [Fact]
    public void Games_that_do_not_vary_stop_whatever_the_term()
    {
        foreach (string condition in new[] { "absolute-error:0", "relative-error:0", "rank-stable:1" })
        {
            foreach (int players in new[] { 0, 1, 2, 5 })
            {
                MethodResult result = Run(condition, new double[1 << players]);
                Assert.Equal(MethodResult.Converged, result.Status);
                Assert.InRange(result.Permutations, 2, 32);
            }
        }
    }
}
