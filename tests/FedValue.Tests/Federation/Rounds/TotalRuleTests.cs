using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Rounds;

public sealed class TotalRuleTests
{
    static readonly Estimate Values = Estimate.Sampled([3, -1, 4], [0.1, 0.2, 0], [[2, -1, 4], [4, -1, 3]]);

    static Estimate? Entering(string weights, string normalization, int round = 1, double lossDrop = double.NaN) =>
        TotalRule.Parse(weights, normalization).Entering(Values, round, lossDrop);

    [Fact]
    public void Plain_totals_leave_values_alone()
    {
        Assert.Same(Values, Entering("equal", "none"));
        Assert.Equal(TotalRule.Plain, TotalRule.Parse("equal", "none"));
        Assert.Null(TotalRule.Plain.Description);
    }

    [Fact]
    public void Halting_weights_fall_from_one_to_nothing_at_the_halting_round()
    {
        Assert.Equal([3, -1, 4], Entering("halting:4", "none")!.Values);
        Assert.Equal([0.75, -0.25, 1], Entering("halting:4", "none", round: 4)!.Values);
        Assert.Null(Entering("halting:4", "none", round: 5));
        Assert.Null(Entering("halting:4", "none", round: 9));
    }

    [Theory]
    [InlineData("loss-drop")]
    [InlineData("min-max")]
    [InlineData("unit-l2")]
    public void A_normalization_moves_and_scales_values_and_every_replicate_by_its_own_figures(string name)
    {
        Estimate entering = Entering("halting:2", name, round: 2, lossDrop: -0.5)!;
        Assert.Equal(Normalized(Values.Values), entering.Values);
        double[][] replicates = [.. Values.Replicates.Select(replicate => Normalized(replicate))];
        Assert.Equal(replicates, entering.Replicates);
        Assert.Equal(Jackknife.StandardErrors(replicates, 3), entering.ValidationErrors);

        double[] Normalized(IReadOnlyList<double> values)
        {
            (double shift, double size) = name switch
            {
                "loss-drop" => (0, 0.5),
                "min-max" => (values.Min(), values.Max() - values.Min()),
                _ => (0, Math.Sqrt(values.Sum(value => value * value))),
            };
            return [.. values.Select(value => (value - shift) * (0.5 / size))];
        }
    }

    [Fact]
    public void A_round_that_moved_no_loss_does_not_count_and_values_without_size_stay()
    {
        Assert.Null(Entering("equal", "loss-drop", lossDrop: 0));
        Assert.Null(Entering("equal", "loss-drop", lossDrop: double.NaN));
        Estimate zeros = Estimate.WithoutInterval([0, 0]), nobody = Estimate.WithoutInterval([]);
        foreach (string name in new[] { "unit-l2", "min-max" })
        {
            Assert.Equal([0, 0], TotalRule.Parse("equal", name).Entering(zeros, 1, 1)!.Values);
            Assert.Empty(TotalRule.Parse("equal", name).Entering(nobody, 1, 1)!.Values);
        }
    }

    [Theory]
    [InlineData("halting", "none", "Round weights are 'equal' or 'halting:R'")]
    [InlineData("halting:0", "none", "Round weights are 'equal' or 'halting:R'")]
    [InlineData("halting:-3", "none", "Round weights are 'equal' or 'halting:R'")]
    [InlineData("halting:2.5", "none", "Round weights are 'equal' or 'halting:R'")]
    [InlineData("linear", "none", "but 'linear' came.")]
    [InlineData("equal", "l2", "A round normalization is one of none, loss-drop, unit-l2, min-max, but 'l2' came.")]
    public void Anything_else_is_refused(string weights, string normalization, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => TotalRule.Parse(weights, normalization)).Message);

    [Fact]
    public async Task Totals_change_and_the_ledger_does_not()
    {
        var options = new SimulationOptions
        {
            Dataset = "breast-cancer", Participants = 3, Rounds = 3, Methods = ["exact"], Seed = 3,
        };
        var plain = await RunAsync(options);
        var halved = await RunAsync(options with { RoundWeights = "halting:2" });
        var relative = await RunAsync(options with { RoundNormalization = "loss-drop" });
        Assert.Equal(plain.Head, halved.Head);
        Assert.Equal(plain.Head, relative.Head);

        Estimate[] rounds = [.. plain.Rounds.Select(round => round.Estimates["exact"])];
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal(rounds[0].Values[k] + 0.5 * rounds[1].Values[k], halved.Total("exact").Values[k], 1e-12);
            Assert.Equal(rounds[0].Replicates[7][k] + 0.5 * rounds[1].Replicates[7][k], halved.Total("exact").Replicates[7][k], 1e-12);
        }
        // Exact values sum to the gain, so each round that gains adds 1.
        Assert.Equal(3, relative.Total("exact").Values.Sum(), 1e-9);
        Assert.Equal(1, relative.Total("exact", 1).Values.Sum(), 1e-9);
    }

    [Fact]
    public void A_plan_refuses_what_is_no_rule() =>
        Assert.Throws<SimulationException>(() => SimulationPlan.Prepare(new SimulationOptions { RoundWeights = "halting:x" }));

    static async Task<FederationHistory> RunAsync(SimulationOptions options)
    {
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        SimulationPlan plan = SimulationPlan.Prepare(options);
        await new SimulationRunner(plan, ledger, blobs).RunAsync();
        return await FederationHistory.LoadAsync(ledger, blobs, totals: plan.Totals);
    }
}
