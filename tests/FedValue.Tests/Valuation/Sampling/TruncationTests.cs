using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

public sealed class TruncationTests
{
    /// <summary>More players never hurt, and the last ones add little: 1 - 2^-|S|, scaled, plus a base.</summary>
    static double[] Saturating(int n, double scale) =>
        [.. Enumerable.Range(0, 1 << n).Select(mask => 2 + scale * (1 - 1.0 / (1 << int.PopCount(mask))))];

    [Fact]
    public void Truncated_walks_without_tolerance_are_the_permutations_bit_for_bit()
    {
        double[] game = BruteForce.RandomGame(6, 100);
        MethodResult plain = GameRound.Value("permutation", game), truncated = GameRound.Value("tmc:tolerance=0", game);
        Assert.Equal(plain.Estimate.Values, truncated.Estimate.Values);
        Assert.Equal(plain.Estimate.SamplingErrors, truncated.Estimate.SamplingErrors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-3)] // a round that loses is truncated by the size of its loss
    public void Truncation_saves_evaluations_and_is_biased_by_no_more_than_it_says(double scale)
    {
        const int n = 8;
        double[] game = Saturating(n, scale), truth = BruteForce.Shapley(game);
        foreach (double tolerance in new[] { 0.05, 0.3 })
        {
            double bound = tolerance * Math.Abs(game[^1] - game[0]);
            MethodResult result = GameRound.Value($"tmc:tolerance={tolerance}", game, new StoppingRule(2, 2000, 0));
            double missing = Math.Abs(game[^1] - game[0] - result.Estimate.Values.Sum());
            Assert.InRange(missing, 1e-6, bound);
            for (int j = 0; j < n; j++)
                Assert.InRange(result.Estimate.Values[j], truth[j] - bound - 4 * result.Estimate.SamplingErrors[j],
                    truth[j] + bound + 4 * result.Estimate.SamplingErrors[j]);
            Assert.True(result.Evaluations < GameRound.Value("permutation", game, new StoppingRule(2, 2000, 0)).Evaluations);
        }
    }

    [Fact]
    public void A_walk_that_ends_measures_nobody_behind_its_end()
    {
        double[] game = Saturating(6, 1); // after 3 of 6 what is left is 1/8 - 1/64 of 63/64
        var table = new TableGame(game);
        MethodCatalog.Get("tmc:tolerance=0.15").Value(GameRound.Of(table, new StoppingRule(2, 500, 0)));
        Assert.DoesNotContain(table.Calls.Keys, mask => int.PopCount(mask) is 4 or 5);
        Assert.Equal(20, table.Calls.Keys.Count(mask => int.PopCount(mask) == 3));
    }

    [Fact]
    public void A_round_without_gain_is_not_truncated_by_tmc_and_worth_nothing_by_gtg()
    {
        double[] game = [.. BruteForce.RandomGame(4, 101)];
        game[^1] = game[0]; // gain 0
        Assert.Contains(GameRound.Value("tmc", game).Estimate.Values, value => value != 0);
        MethodResult guided = GameRound.Value("gtg", game);
        Assert.All(guided.Estimate.Values, value => Assert.Equal(0, value));
        Assert.Equal((2, 0, MethodResult.Truncated), (guided.Evaluations, guided.Permutations, guided.Status));
        Assert.False(guided.Estimate.HasInterval);
    }

    [Fact]
    public void The_between_round_threshold_includes_itself_and_holds_for_losses()
    {
        foreach (double gain in new[] { 0.5, -0.5 })
        {
            double[] game = [0, 0, 0, gain];
            Assert.Equal(MethodResult.Truncated, GameRound.Value("gtg:between=0.5", game).Status);
            MethodResult above = GameRound.Value("gtg:between=0.49", game);
            Assert.NotEqual(MethodResult.Truncated, above.Status);
            Close.Equal(gain, above.Estimate.Values.Sum());
        }
    }

    [Fact]
    public void Guided_walks_leave_out_at_most_the_within_round_threshold()
    {
        double[] game = Saturating(8, 1);
        MethodResult result = GameRound.Value("gtg:within=0.05", game, new StoppingRule(2, 800, 0));
        Assert.InRange(game[^1] - game[0] - result.Estimate.Values.Sum(), 1e-6, 0.05);
        Assert.All(result.Estimate.Values, value => Assert.True(value > 0)); // and nobody is rescaled away
    }

    [Fact]
    public void Everybody_leads_equally_often_so_what_leaders_add_has_no_error()
    {
        double[] game = [0, 1, 5, 5, 9, 9, 9, 9]; // who comes first of what is worth more decides
        MethodResult result = GameRound.Value("gtg:change=1e-9", game, new StoppingRule(2, 40, 0));
        Assert.Equal(39, result.Permutations); // whole cycles of three
        // Player 0 adds 1 as leader, and nothing behind anybody.
        Close.Equal(1 / 3.0, result.Estimate.Values[0]);
        Assert.Equal(0, result.Estimate.SamplingErrors[0]);
        Assert.True(result.Estimate.SamplingErrors[1] > 0);
    }

    [Fact]
    public void At_least_thirty_permutations_or_one_for_everybody_are_drawn_and_the_last_ten_means_decide()
    {
        double[] additive = [.. Enumerable.Range(0, 16).Select(mask => (double)mask)];
        MethodResult quick = GameRound.Value("gtg", additive, new StoppingRule(2, 1000, 0));
        Assert.Equal((32, MethodResult.Converged), (quick.Permutations, quick.Status)); // 30, in whole cycles of 4
        MethodResult slow = GameRound.Value("gtg:change=0.000001", BruteForce.RandomGame(4, 102), new StoppingRule(2, 50, 0));
        Assert.Equal((48, MethodResult.StoppedAtMaximum), (slow.Permutations, slow.Status));
    }

    [Fact]
    public void The_criterion_is_the_mean_relative_change_against_the_last_means()
    {
        double[][] means = [[1, 2], [2, 2], [4, 1]];
        Close.Equal((3 / 4.0 + 1 + 2 / 4.0 + 1) / 4, GuidedSampling.Change(means));
        Assert.Equal(0, GuidedSampling.Change([[0, 1], [0, 1]]));
        Assert.Equal(double.PositiveInfinity, GuidedSampling.Change([[1, 1], [0, 1]]));
        Close.Equal(0.5, GuidedSampling.Change([[-1, -1], [-2, -2]]));
    }

    [Fact]
    public void FedSV_draws_as_many_permutations_as_its_bound_says()
    {
        Assert.Equal(1154, FederatedShapley.Permutations(0.1, 0.05, 8)); // 2 / 0.01 x ln 320 = 1153.66
        Assert.Equal(2, FederatedShapley.Permutations(100, 1, 8));
        double[] game = BruteForce.RandomGame(5, 103);
        MethodResult bound = GameRound.Value("fedsv", game, new StoppingRule(2, 1000, 0.9));
        Assert.Equal((265, MethodResult.Converged), (bound.Permutations, bound.Status)); // 2 / 0.04 x ln 200 = 264.9
        Assert.Equal(GameRound.Value("permutation", game, new StoppingRule(2, 265, 0)).Estimate.Values, bound.Estimate.Values);
        MethodResult cut = GameRound.Value("fedsv", game, new StoppingRule(2, 100, 0.9));
        Assert.Equal((100, MethodResult.StoppedAtMaximum), (cut.Permutations, cut.Status));
        Assert.Equal(
            GameRound.Value("permutation", game, new StoppingRule(2, 1000, 0.2)).Permutations,
            GameRound.Value("fedsv:epsilon=0", game, new StoppingRule(2, 1000, 0.2)).Permutations);
    }
}
