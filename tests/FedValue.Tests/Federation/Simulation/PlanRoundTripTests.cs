using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class PlanRoundTripTests
{
    public static TheoryData<string, SimulationOptions> Wishes => new()
    {
        { "the demonstration", new SimulationOptions() },
        { "no corruption", new SimulationOptions { Corrupt = [] } },
        { "equal pay", new SimulationOptions { Policy = "equal", Participants = 3 } },
        { "no methods", new SimulationOptions { Policy = "by-size", Methods = [], Partition = "iid" } },
        { "many participants", new SimulationOptions { Participants = 21, Participation = 0.70m } },
        { "a pool", new SimulationOptions { Aggregator = "fedrandom", Model = "mlp:07", Validation = 0.250m, Momentum = -0.0 } },
        { "a preset", new SimulationOptions { Aggregator = "fedrandom:fedadam,fedadam:bias-correction=1,fedavgm", Preset = "flower-1.6" } },
        { "a proximal term", new SimulationOptions { ProximalMu = 0.10 } },
        { "a counterfactual pool", new SimulationOptions { Counterfactual = ["fedrandom"], Preset = "fedvalue" } },
        {
            "counterfactuals",
            new SimulationOptions { Counterfactual = ["fedadam", "krum:byzantine=01"], Preset = "flower-1.6", Methods = ["exact"] }
        },
        { "another data set", new SimulationOptions { Dataset = "breast-cancer", Partition = "dirichlet:1.0" } },
        { "a flip", new SimulationOptions { Corrupt = ["label-flip:.50@2"] } },
    };

    [Theory]
    [MemberData(nameof(Wishes))]
    public void Preparing_the_prepared_options_again_gives_the_same_plan(string wish, SimulationOptions options)
    {
        var plan = SimulationPlan.Prepare(options);
        var again = SimulationPlan.Prepare(plan.Options);
        Assert.True(PlanBits.Of(plan) == PlanBits.Of(again), wish);
        Assert.Equal(plan.Options.Methods!, again.Options.Methods!);
        Assert.Equal(plan.Options.Corrupt!, again.Options.Corrupt!);
        Assert.Equal(plan.Options.Counterfactual ?? [], again.Options.Counterfactual ?? []);
        Assert.Equal(
            plan.Options with { Methods = null, Corrupt = null, Counterfactual = null },
            again.Options with { Methods = null, Corrupt = null, Counterfactual = null });
    }

    [Fact]
    public void Every_choice_stands_in_the_prepared_options()
    {
        SimulationOptions options = SimulationPlan.Prepare(new SimulationOptions()).Options;
        Assert.NotNull(options.Dataset);
        Assert.NotNull(options.Partition);
        Assert.NotNull(options.Participants);
        Assert.NotNull(options.Corrupt);
        Assert.NotNull(options.Methods);
        Assert.NotNull(options.PayBy);
        Assert.Null(options.Threads); // changes nothing, so it is not chosen for anybody else
    }

    [Fact]
    public void A_table_with_participants_is_prepared_again_alike()
    {
        using var file = new CsvFile("who,a,y\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"p{i % 5},{i * i % 31},{i % 2}\n")));
        var plan = SimulationPlan.Prepare(new SimulationOptions { Dataset = file.Spec("participant=who") });
        Assert.Equal(PlanBits.Of(plan), PlanBits.Of(SimulationPlan.Prepare(plan.Options)));
    }
}
