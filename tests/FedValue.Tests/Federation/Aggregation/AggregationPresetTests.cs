using FedValue.Federation.Aggregation;
using FedValue.Federation.Simulation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationPresetTests
{
    static readonly AggregationPreset Flower16 = AggregationPreset.Get("flower-1.6");

    [Fact]
    public void Flower_1_6_has_its_own_defaults() => Assert.Equal(
        [
            "fedavg", "fedavgm:server-learning-rate=1:momentum=0",
            "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=1E-09:bias-correction=0", "fedmedian",
            "fedadagrad:learning-rate=0.1:tau=1E-09", "fedyogi:learning-rate=0.01:beta1=0.9:beta2=0.99:tau=0.001", "fedtrimmedavg:beta=0.2",
            "krum:byzantine=0", "multikrum:byzantine=0:keep=1", "bulyan:byzantine=0", "qfedavg:q=0.2:learning-rate=0.1",
        ],
        Flower16.Catalog.Entries.Select(entry => Flower16.Parse(entry.Name).Spec));

    [Fact]
    public void A_preset_fills_in_only_what_is_not_said()
    {
        Assert.Equal("fedavgm:server-learning-rate=1:momentum=0.5", Flower16.Parse("fedavgm:momentum=0.5").Spec);
        Assert.Equal("fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.5", Flower16.Parse("fedadam:tau=0.5:bias-correction=1").Spec);
        Assert.Equal("fedavgm:server-learning-rate=1:momentum=0.9", AggregationRules.Parse("fedavgm").Spec); // FedValue's own are as they were
    }

    [Fact]
    public void What_a_preset_made_is_read_back_without_it()
    {
        foreach (string name in Flower16.Catalog.Entries.Select(entry => entry.Name))
            Assert.Equal(Flower16.Parse(name).Spec, AggregationRules.Parse(Flower16.Parse(name).Spec).Spec);
    }

    [Fact]
    public void The_papers_eight_strategies_hold_one_twice_and_make_no_pool() => Assert.Equal(
        "Two members of the FedRandom pool are the same under their settings: 'fedavg' and 'fedavgm:server-learning-rate=1:momentum=0'; " +
        "drop one or change its settings.",
        Assert.Throws<FormatException>(() => AggregationPool.Parse("fedrandom", Flower16)).Message);

    [Fact]
    public void The_papers_other_seven_strategies_make_a_pool()
    {
        string seven = string.Join(",", Flower16.Strategies.Where(name => name != "fedavgm"));
        Assert.Equal(7, AggregationPool.Parse("fedrandom:" + seven, Flower16).Members.Length);
    }

    [Fact]
    public void FedAvgM_of_Flower_1_6_is_FedAvg_bit_for_bit()
    {
        AggregationRule average = new FedAvg(), momentum = Flower16.Parse("fedavgm");
        (float[] model, AggregationState state) = (MadeUpRounds.Start, momentum.Start(MadeUpRounds.Weights));
        for (int round = 1; round <= 3; round++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants: 5, model, round);
            float[] expected = average.Aggregate(average.Start(model.Length), updates).Model;
            (model, state) = momentum.Aggregate(state, updates);
            Assert.Equal(Bits.Of(expected), Bits.Of(model));
        }
    }

    [Fact]
    public void A_prepared_simulation_has_spelled_its_preset_out()
    {
        var options = new SimulationOptions { Aggregator = "fedadam", Preset = "flower-1.6", Methods = [], Policy = "equal" };
        var plan = SimulationPlan.Prepare(options);
        Assert.Equal("fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=1E-09:bias-correction=0", plan.Options.Aggregator);
        Assert.Null(plan.Options.Preset);
        Assert.Equal(plan.Options.Aggregator, plan.Creation.Terms.Aggregators.Single().Name);
        Assert.Equal(
            SimulationPlan.Prepare(options with { Preset = "fedvalue" }).Options.Aggregator,
            SimulationPlan.Prepare(options with { Preset = null }).Options.Aggregator);
    }

    [Fact]
    public void A_default_for_a_setting_that_is_not_there_or_does_not_allow_it_is_a_mistake()
    {
        Assert.Throws<ArgumentException>(() => AggregationRules.Catalog.WithDefaults(("fedavg", "momentum", 0)));
        Assert.Throws<ArgumentException>(() => AggregationRules.Catalog.WithDefaults(("fedsgd", "momentum", 0)));
        Assert.Throws<ArgumentException>(() => AggregationRules.Catalog.WithDefaults(("fedavgm", "momentum", 1)));
    }
}
