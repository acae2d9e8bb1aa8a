using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class ScenarioTests
{
    [Fact]
    public void The_scenario_names_every_option_that_made_the_participants_in_ordinal_order()
    {
        (string, string)[] expected =
        [
            ("batch-size", "32"), ("corrupt", "label-flip:0.6@2,5"), ("corrupt", "free-rider@3"), ("corrupt", "duplicate-of:1@4"),
            ("dataset", "digits"), ("dataset-sha256", DatasetLoader.Load("digits").Digest), ("learning-rate", "0.05"),
            ("local-epochs", "1"), ("momentum", "0"), ("participants", "8"), ("participation", "1"), ("partition", "size-dirichlet:4"),
            ("rounds", "10"), ("test", "0.2"), ("validation", "0.2"), ("weight-decay", "0"),
        ];
        (string Option, string Value)[] scenario = Scenario(new SimulationOptions());
        Assert.Equal(expected, scenario);
        Assert.Equal(scenario.Select(entry => entry.Option).Order(StringComparer.Ordinal), scenario.Select(entry => entry.Option));
    }

    [Fact]
    public void A_proximal_term_stands_in_the_scenario_only_where_there_is_one()
    {
        (string Option, string Value)[] without = Scenario(new SimulationOptions { ProximalMu = -0.0 });
        Assert.DoesNotContain(without, entry => entry.Option == "proximal-mu");
        (string Option, string Value)[] with = Scenario(new SimulationOptions { ProximalMu = 0.10 });
        Assert.Equal(("proximal-mu", "0.1"), with.Except(without).Single());
        Assert.Equal(with.Select(entry => entry.Option).Order(StringComparer.Ordinal), with.Select(entry => entry.Option));
    }

    [Fact]
    public void Nothing_on_the_ledger_holds_a_path()
    {
        using var file = new CsvFile("a,b,kind\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"{i},{i * i % 31},{i % 2}\n")));
        var plan = SimulationPlan.Prepare(new SimulationOptions { Dataset = file.Spec("label=kind"), Participants = 3 });
        Assert.Contains(("dataset", "csv,label=kind"), plan.Creation.Scenario.Select(entry => (entry.Option, entry.Value)));
        string entry = PlanBits.Entry(plan);
        Assert.DoesNotContain(Path.GetFileName(file.Folder), entry);
        Assert.DoesNotContain(Path.GetFileName(file.Path), entry);
        Assert.Equal(file.Spec("label=kind"), plan.Options.Dataset); // here it is needed to run again
    }

    [Fact]
    public void One_scenario_has_one_spelling_however_it_was_typed()
    {
        var one = new SimulationOptions
        {
            Partition = "dirichlet:2", Corrupt = ["label-flip:0.5@1"], Validation = 0.2m, Test = 0.1m, Participation = 0.5m,
            Model = "mlp:8", Aggregator = "fedavgm:momentum=0.5",
        };
        SimulationOptions other = one with
        {
            Partition = "dirichlet:2.0", Corrupt = ["label-flip:.50@01"], Validation = 0.200m, Test = 0.10m, Participation = 0.50m,
            Model = "mlp:08", Aggregator = "fedavgm:server-learning-rate=1.0:momentum=.5", Momentum = -0.0, WeightDecay = -0.0,
        };
        Assert.Equal(PlanBits.Entry(SimulationPlan.Prepare(one)), PlanBits.Entry(SimulationPlan.Prepare(other)));
    }

    static (string, string)[] Scenario(SimulationOptions options) =>
        [.. SimulationPlan.Prepare(options).Creation.Scenario.Select(entry => (entry.Option, entry.Value))];
}
