using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class NamedScenarioTests
{
    public static TheoryData<string> Names => [.. NamedScenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_is_what_it_stands_for(string name)
    {
        NamedScenario scenario = NamedScenarios.All.Single(s => s.Name == name);
        var plan = SimulationPlan.Prepare(new SimulationOptions { Scenario = name, Methods = [], Policy = "equal" });
        Assert.Equal(scenario.Participants, plan.Options.Participants);
        Assert.Null(plan.Options.Scenario);
        Assert.Equal(scenario.Corrupt, plan.Options.Corrupt!); // the table spells canonically
        Assert.Equal(scenario.Partition, plan.Options.Partition);
        Assert.Equal(scenario.Corrupt.Count > 0, plan.Participants.Any(p => p.IsCorrupted));
    }

    [Fact]
    public void A_plan_of_a_scenario_is_the_plan_of_its_parts_and_can_be_prepared_again()
    {
        var plan = SimulationPlan.Prepare(new SimulationOptions { Scenario = "attack:sybil-split" });
        string bits = PlanBits.Of(plan);
        Assert.Equal(bits, PlanBits.Of(SimulationPlan.Prepare(plan.Options)));
        Assert.Equal(bits, PlanBits.Of(SimulationPlan.Prepare(
            new SimulationOptions { Participants = 5, Partition = "iid", Corrupt = ["sybil-split:2@2"] })));
    }

    [Fact]
    public void The_cases_of_GTG_are_those_of_the_paper()
    {
        static SimulationPlan Case(int number) => SimulationPlan.Prepare(
            new SimulationOptions { Scenario = $"gtg:{number}", Methods = [], Policy = "equal" });
        Assert.All(Case(1).Participants, p => Assert.InRange(p.Rows.Count, 107, 108)); // 1,079 training rows
        Assert.All(Case(2).Participants.Index(), p => Assert.InRange(
            p.Item.Rows.Labels.Count(label => label / 2 == p.Index / 2) / (double)p.Item.Rows.Count, 0.75, 0.85));
        int[] sizes = [.. Case(3).Participants.Select(p => p.Rows.Count)];
        int[] halfPercents = [10, 10, 15, 15, 20, 20, 25, 25, 30, 30];
        Assert.All(sizes.Zip(halfPercents), pair => Assert.InRange(pair.First, pair.Second * 5.395 - 1, pair.Second * 5.395 + 1));
        SimulationPlan noisy = Case(4);
        int[] changed =
        [
            .. noisy.Participants.Zip(Case(1).Participants).Select(
                pair => pair.First.Rows.Labels.Zip(pair.Second.Rows.Labels).Count(labels => labels.First != labels.Second)),
        ];
        Assert.Equal([0, 0, 5, 5, 11, 11, 16, 16, 22, 22], changed);
        double[] noise =
        [
            .. Case(5).Participants.Zip(Case(1).Participants).Select(pair => Math.Sqrt(
                pair.First.Rows.Features.Zip(pair.Second.Rows.Features).Average(f => ((double)f.First - f.Second) * ((double)f.First - f.Second)))),
        ];
        Assert.Equal([0, 0, 0.05, 0.05, 0.1, 0.1, 0.15, 0.15, 0.2, 0.2], noise.Select(sigma => Math.Round(sigma, 2)));
    }

    [Theory]
    [InlineData("partition")]
    [InlineData("corrupt")]
    [InlineData("participants")]
    public void A_scenario_and_what_it_stands_for_are_not_given_together(string option)
    {
        var options = new SimulationOptions
        {
            Scenario = "gtg:1",
            Partition = option == "partition" ? "iid" : null,
            Corrupt = option == "corrupt" ? [] : null,
            Participants = option == "participants" ? 10 : null,
        };
        Assert.Equal($"Scenario 'gtg:1' says itself how many participants hold what and what is done to them, so --{option} cannot be " +
            "given too.", Refusal.Of(() => SimulationPlan.Prepare(options)));
    }

    [Fact]
    public void An_unknown_scenario_is_refused_with_the_known_ones() => Assert.StartsWith(
        "There is no scenario 'gtg:6'; there are gtg:1, gtg:2, gtg:3, gtg:4, gtg:5, mplc:not-corrupted, ",
        Refusal.Of(() => SimulationPlan.Prepare(new SimulationOptions { Scenario = "gtg:6" })));
}
