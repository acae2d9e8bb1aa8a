using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Methods;

/// <summary>Beta Shapley and multi-round reconstruction, from the table.</summary>
public sealed class FurtherTableMethodTests
{
    [Fact]
    public void Beta_sizes_are_those_of_the_beta_binomial_distribution()
    {
        foreach ((int a, int b) in new[] { (1, 1), (16, 1), (4, 1), (1, 4), (2, 3), (7, 7) })
        {
            for (int n = 0; n <= 12; n++)
                Close.Equal(BruteForce.BetaSizes(n, a, b), Semivalue.Beta(n, a, b).SizeProbabilities.ToArray());
        }
    }

    [Theory]
    [InlineData(1e-300, 1)]
    [InlineData(1, 1e-300)]
    [InlineData(1e300, 1e-300)]
    [InlineData(1e-300, 1e300)]
    [InlineData(1e300, 1e300)]
    [InlineData(0.001, 700)]
    public void Extreme_settings_still_give_probabilities(double alpha, double beta)
    {
        foreach (int n in new[] { 1, 2, 20, 400 })
        {
            double[] sizes = [.. Semivalue.Beta(n, alpha, beta).SizeProbabilities];
            Assert.All(sizes, q => Assert.InRange(q, 0, 1));
            Close.Equal(1, sizes.Sum());
        }
    }

    [Fact]
    public void Beta_values_are_those_of_the_definition_and_16_1_weighs_small_coalitions()
    {
        double[] game = BruteForce.RandomGame(6, 120);
        Close.Equal(BruteForce.Semivalue(BruteForce.BetaSizes(6, 16, 1), game), [.. GameRound.Value("beta", game).Estimate.Values]);
        Close.Equal(BruteForce.Semivalue(BruteForce.BetaSizes(6, 2, 5), game), [.. GameRound.Value("beta:alpha=2:beta=5", game).Estimate.Values]);
        Close.Equal(BruteForce.Shapley(game), [.. GameRound.Value("beta:alpha=1:beta=1", game).Estimate.Values]);
        Assert.True(Semivalue.Beta(6, 16, 1).SizeProbabilities[0] > 0.7);
        Assert.Equal("beta:alpha=16:beta=1", MethodCatalog.Get("beta").Info.Name);
    }

    [Fact]
    public void Beta_refuses_what_is_not_positive()
    {
        Assert.Equal("Setting 'alpha' of valuation method 'beta' must be positive, but 0 came.",
            Assert.Throws<FormatException>(() => MethodCatalog.Get("beta:alpha=0")).Message);
        foreach (double wrong in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Throws<ArgumentException>(() => Semivalue.Beta(3, wrong, 1));
            Assert.Throws<ArgumentException>(() => Semivalue.Beta(3, 1, wrong));
        }
    }

    [Fact]
    public void Multi_round_values_the_FedAvg_utility_and_nothing_is_multiplied_by_the_number_of_participants()
    {
        double[] own = BruteForce.RandomGame(5, 121), averaged = BruteForce.RandomGame(5, 122);
        var evidence = new RoundEvidence(
            1, 1, new double[5], GameRound.Of(new TableGame(own)).Geometry, new TableGame(own), new KnownMeasurements(),
            new StoppingRule(2, 64, 0), threads: 2)
        {
            FedAvgUtility = new TableGame(averaged),
        };
        MethodResult result = MethodCatalog.Get("mr").Value(evidence);
        Close.Equal(BruteForce.Shapley(averaged), [.. result.Estimate.Values]);
        Close.Equal(averaged[^1] - averaged[0], result.Estimate.Values.Sum()); // not 5 times that
        Assert.Equal((32, null), (result.Evaluations, evidence.Table));
        Assert.Equal(0, MethodCatalog.Get("tmr").Value(evidence).Evaluations);
        Close.Equal(BruteForce.Shapley(own), [.. MethodCatalog.Get("exact").Value(evidence).Estimate.Values]);
    }

    [Fact]
    public void Under_FedAvg_multi_round_reads_the_round_s_own_table()
    {
        RoundEvidence evidence = GameRound.Of(new TableGame(BruteForce.RandomGame(5, 123)));
        MethodResult exact = MethodCatalog.Get("exact").Value(evidence), multiRound = MethodCatalog.Get("mr").Value(evidence);
        Assert.Equal(exact.Estimate.Values, multiRound.Estimate.Values);
        Assert.Equal(0, multiRound.Evaluations);
    }

    [Fact]
    public void Truncated_multi_round_decays_and_stops()
    {
        double[] game = BruteForce.RandomGame(4, 124), truth = BruteForce.Shapley(game);
        foreach (int round in new[] { 1, 2, 3 })
        {
            double weight = Enumerable.Repeat(0.5, round).Aggregate(1.0, (a, b) => a * b);
            Close.Equal([.. truth.Select(value => weight * value)],
                [.. GameRound.Value("tmr:decay=0.5:truncation=0.125", game, round: round).Estimate.Values]);
        }
        MethodResult late = GameRound.Value("tmr:decay=0.5:truncation=0.125", game, round: 4);
        Assert.Equal(new double[4], late.Estimate.Values);
        Assert.Equal((0, MethodResult.Truncated, false), (late.Evaluations, late.Status, late.Estimate.HasInterval));
    }
}
