using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Simulation;

public class SimulationPlanTests
{
    static readonly SimulationOptions Plain = new() { Corrupt = [] };

    [Fact]
    public void Nothing_asked_for_is_the_demonstration()
    {
        var plan = SimulationPlan.Prepare(new SimulationOptions());
        Assert.Equal(("digits", "size-dirichlet:4", 8), (plan.Options.Dataset, plan.Options.Partition, plan.Options.Participants));
        Assert.Equal(["label-flip:0.6@2,5", "free-rider@3", "duplicate-of:1@4"], plan.Options.Corrupt!);
        Assert.Equal(Enumerable.Range(1, 8).Select(k => $"participant-{k}"), plan.Participants.Select(p => p.Id));
        Assert.Equal([false, true, true, true, true, false, false, false], plan.Participants.Select(p => p.IsCorrupted));
        Assert.Equal(2, plan.Participants.Single(p => p.Behaviour is not null).Id[^1] - '1');
        Assert.Equal(plan.Participants[0].Rows.Features, plan.Participants[3].Rows.Features);
        int[] sizes = [.. plan.Participants.Select(p => p.Rows.Count)];
        Assert.True(sizes.Max() > 2 * sizes.Min());
        Assert.Equal(8, plan.CohortSize);
        Assert.Equal(10, plan.Options.Rounds);
    }

    public static TheoryData<string, SimulationOptions> NoDemonstration => new()
    {
        { "dataset", new SimulationOptions { Dataset = "digits" } },
        { "partition", new SimulationOptions { Partition = "iid" } },
        { "participants", new SimulationOptions { Participants = 8 } },
        { "corrupt", new SimulationOptions { Corrupt = [] } },
    };

    [Theory]
    [MemberData(nameof(NoDemonstration))]
    public void Any_word_about_the_scenario_takes_the_demonstrations_corruptions_away(string given, SimulationOptions options)
    {
        var plan = SimulationPlan.Prepare(options);
        Assert.True(plan.Participants.All(p => !p.IsCorrupted), given);
        Assert.Empty(plan.Options.Corrupt!);
    }

    [Fact]
    public void Options_that_are_not_about_the_scenario_leave_the_demonstration() =>
        Assert.Equal(3, SimulationPlan.Prepare(new SimulationOptions { Rounds = 3, Model = "mlp:4", Seed = 9 }).Options.Corrupt!.Count);

    [Fact]
    public void Train_validation_and_test_rows_are_those_of_the_shares()
    {
        var plan = SimulationPlan.Prepare(Plain with { Validation = 0.25m, Test = 0.1m });
        Assert.Equal(449, plan.Creation.Validation!.Rows.Count); // a quarter of 1797, rounded down
        Assert.Equal(179, plan.Test.Count);
        Assert.Equal(1797 - 449 - 179, plan.Participants.Sum(p => p.Rows.Count));
        Assert.Equal(0, SimulationPlan.Prepare(Plain with { Test = 0 }).Test.Count);
    }

    [Fact]
    public void Every_row_of_the_table_is_held_validated_or_tested_once()
    {
        using var file = new CsvFile("a,y\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"{i},{i % 2}\n")));
        var plan = SimulationPlan.Prepare(new SimulationOptions { Dataset = file.Spec(), Participants = 4 });
        float[] seen = [.. plan.Participants.SelectMany(p => p.Rows.Features), .. plan.Creation.Validation!.Rows.Features, .. plan.Test.Features];
        Assert.Equal(150, seen.Length);
        Assert.Equal(150, seen.Distinct().Count());
    }

    [Fact]
    public void Features_are_standardized_by_what_the_participants_hold()
    {
        var plan = SimulationPlan.Prepare(Plain with { Dataset = "breast-cancer" });
        double[] first = [.. plan.Participants.SelectMany(p => p.Rows.Features.Chunk(p.Rows.Width)).Select(row => (double)row[0])];
        Assert.Equal(0, first.Average(), 1e-6); // fp32 features
        Assert.Equal(1, first.Average(x => x * x), 1e-6);
    }

    [Fact]
    public void A_table_with_participants_is_divided_naturally()
    {
        using var file = new CsvFile("who,a,y\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"p{i % 5},{i},{i % 2}\n")));
        var plan = SimulationPlan.Prepare(new SimulationOptions { Dataset = file.Spec("participant=who") });
        Assert.Equal(("natural", 5), (plan.Options.Partition, plan.Options.Participants));
        Assert.Equal(["p0", "p1", "p2", "p3", "p4"], plan.Participants.Select(p => p.Id));
        Assert.All(plan.Participants, p => Assert.Equal(18, p.Rows.Count)); // 30 less a fifth for validation and a fifth for test
        Assert.Equal(["0", "1"], plan.Classes);
    }

    [Fact]
    public void The_terms_say_what_was_asked_for()
    {
        var plan = SimulationPlan.Prepare(Plain with
        {
            Model = "mlp:08,4", Aggregator = "fedrandom:fedavg,fedavgm:momentum=.5", Utility = "validation-accuracy",
            Methods = ["loo", "cosine"], PayBy = "loo", Permutations = 99, Tolerance = 0.25, GramLimit = 7,
            Budget = 12, IfNonePositive = "equal", Seed = 77,
        });
        FederationTerms terms = plan.Creation.Terms;
        Assert.Equal("mlp:8,4", terms.Architecture);
        Assert.Equal(["fedavg", "fedavgm:server-learning-rate=1:momentum=0.5"], terms.Aggregators.Select(a => a.Name));
        Assert.All(terms.Aggregators, aggregator => Assert.StartsWith("empty: the round's base model", aggregator.SmallCoalitions));
        Assert.Equal(["loo", "cosine"], terms.Methods);
        Assert.Equal(new SamplingTerms(32, 99, 0.25), terms.Sampling);
        Assert.Equal(new PaymentTerms(12, "loo", "proportional", "equal"), terms.Payment);
        Assert.Equal(("validation-accuracy", 7, 77L), (terms.Utility, terms.GramLimit, terms.Seed));
        Assert.Equal(Bits.Of(MadeUp.Network("mlp:8,4", 64, 10).Initialize(77)), Bits.Of(plan.Creation.Model.Weights));
    }

    [Fact]
    public void Training_settings_are_those_of_the_options()
    {
        var plan = SimulationPlan.Prepare(
            Plain with { LearningRate = 0.2, BatchSize = 5, Momentum = 0.5, WeightDecay = 0.001, LocalEpochs = 3 });
        Assert.Equal(new(0.2, 5, 0.5, 0.001, 3), plan.Training);
    }

    [Fact]
    public void Another_seed_changes_data_and_model()
    {
        SimulationPlan one = SimulationPlan.Prepare(Plain), other = SimulationPlan.Prepare(Plain with { Seed = 2 });
        Assert.NotEqual(one.Participants[0].Rows.Features, other.Participants[0].Rows.Features);
        Assert.NotEqual(one.Creation.Model, other.Creation.Model);
        Assert.NotEqual(one.Creation.Validation!.Rows.Labels, other.Creation.Validation!.Rows.Labels);
    }

    [Fact]
    public void The_number_of_threads_changes_nothing_that_is_prepared() =>
        Assert.Equal(PlanBits.Of(SimulationPlan.Prepare(Plain)), PlanBits.Of(SimulationPlan.Prepare(Plain with { Threads = 3 })));
}
