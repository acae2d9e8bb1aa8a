using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What cannot be simulated is refused before anything is done, in one sentence.</summary>
public class PlanRefusalTests
{
    static readonly SimulationOptions Plain = new() { Corrupt = [] };

    public static TheoryData<SimulationOptions, string> Refusals => new()
    {
        { Plain with { LearningRate = 0 }, "The learning rate must be a positive number, but 0 came." },
        { Plain with { LearningRate = double.NaN }, "The learning rate must be a positive number, but NaN came." },
        { Plain with { BatchSize = 0 }, "The batch size must be 1 or more, but 0 came." },
        { Plain with { Momentum = 1 }, "The momentum must be 0 or more and below 1, but 1 came." },
        { Plain with { WeightDecay = -1 }, "The weight decay must be a number of 0 or more, but -1 came." },
        { Plain with { LocalEpochs = 0 }, "At least 1 local epoch is needed, but 0 came." },
        { Plain with { Rounds = 0 }, "At least 1 round is needed, but 0 came." },
        { Plain with { Participation = 0 }, "The participation must be above 0 and at most 1, but 0 came." },
        { Plain with { Participation = 1.10m }, "The participation must be above 0 and at most 1, but 1.1 came." },
        { Plain with { GramLimit = -1 }, "The Gram limit must be 0 or more, but -1 came." },
        { Plain with { Threads = 0 }, "At least 1 thread is needed, but 0 came." },
        { Plain with { Permutations = 31 }, "At least 32 permutations are needed, but 31 came." },
        { Plain with { Tolerance = -0.1 }, "The tolerance must be a number of 0 or more, but -0.1 came." },
        { Plain with { Tolerance = double.NaN }, "The tolerance must be a number of 0 or more, but NaN came." },
        { Plain with { Budget = -1 }, "A budget must not be negative, but -1 came." },
        { Plain with { Budget = long.MaxValue, Rounds = 2 },
            "The budgets of all rounds must sum to at most 9223372036854775807, but 2 of 9223372036854775807 came." },
        { Plain with { Seed = -1 }, "A seed lies in 0 .. 9007199254740991, but -1 came." },
        { Plain with { Seed = 1L << 53 }, "A seed lies in 0 .. 9007199254740991, but 9007199254740992 came." },
        { Plain with { Participants = 0 }, "At least 1 participant is needed, but 0 came." },
        { Plain with { Participants = -3 }, "At least 1 participant is needed, but -3 came." },
        { Plain with { Participants = 1080 }, "There are 1079 training rows, too few for 1080 participants." },
        { Plain with { Validation = 0.01m },
            "The validation split has 17 rows, but at least 20 are needed; raise --validation or use more data." },
        { Plain with { Validation = 0.8m },
            "The validation share must be above 0, the test share 0 or more, and both together below 1, but 0.8 and 0.2 came." },
        { Plain with { Dataset = "iris" },
            "There is no data set 'iris'; use digits, breast-cancer, " +
            "csv:FILE[,label=COL][,participant=COL][,group=COL][,drop=COL+COL][,holdout=ID+ID][,header=yes|no], idx:FOLDER[,train=N][,test=N], " +
            "uci-har:FOLDER or uci-heart:FOLDER." },
        { Plain with { Partition = "shards" },
            "A partition is iid, natural, dirichlet:A or size-dirichlet:A with A from 0.001 to 1000000, sizes:W+W with weights " +
            "above 0 and at most 1000000, shards:K or classes:K with K of 1 or more, or mixed-classes:F with 0 < F <= 1, " +
            "but 'shards' came." },
        { Plain with { Partition = "natural" },
            "A natural partition needs a data set with a participant column: csv:FILE,participant=COL." },
        { Plain with { Methods = [] },
            "No valuation method is named to decide the payouts: name one with --methods, or use --policy equal or by-size." },
        { Plain with { Corrupt = ["free-rider@9"] }, "'free-rider@9' names participant 9, but there are 8." },
        { Plain with { Model = "cnn" }, "A model is 'softmax' or 'mlp:' with hidden widths such as 'mlp:64,32', but 'cnn' came." },
        { Plain with { Model = "mlp:65536,65536" },
            "A model has at most 268435456 weights, but 'mlp:65536,65536' on 64 features has more; narrow it." },
        { Plain with { ProximalMu = -0.1 }, "The proximal mu must be a number of 0 or more, but -0.1 came." },
        { Plain with { Aggregator = "fedsgd" },
            "There is no aggregator 'fedsgd'; there are fedavg, fedavgm, fedadam, fedmedian, fedadagrad, fedyogi, fedtrimmedavg, krum, " +
            "multikrum, bulyan, qfedavg, and fedrandom, a pool of these." },
        { Plain with { Preset = "flower" }, "A preset is one of fedvalue, flower-1.6, but 'flower' came." },
        { Plain with { Preset = "flower-1.6", Aggregator = "fedrandom" },
            "Two members of the FedRandom pool are the same under their settings: 'fedavg' and " +
            "'fedavgm:server-learning-rate=1:momentum=0'; drop one or change its settings." },
        { Plain with { Utility = "f1" }, "A utility is one of validation-loss, validation-accuracy, but 'f1' came." },
        { Plain with { Policy = "fair" }, "Expected 'proportional', 'equal' or 'by-size' as the payment policy, but 'fair' came." },
        { Plain with { IfNonePositive = "burn" }, "Expected 'unallocated' or 'equal' for a budget that nobody earned, but 'burn' came." },
    };

    [Fact]
    public void A_number_is_not_followed_by_anything_not_even_a_NUL()
    {
        SimulationOptions[] numbers =
        [
            Plain with { Aggregator = "fedavgm:momentum=0.5\0" }, Plain with { Partition = "dirichlet:1\0" }, Plain with { Model = "mlp:5\0" },
            Plain with { Corrupt = ["label-flip:0.5\0@1"] }, Plain with { Corrupt = ["free-rider@1\0"] },
        ];
        Assert.All(numbers, options => Assert.Throws<SimulationException>(() => SimulationPlan.Prepare(options)));
    }

    [Fact]
    public void Settings_that_no_entry_of_the_ledger_can_hold_are_refused()
    {
        string column = new('x', 70_000);
        IEnumerable<string> rows = Enumerable.Range(0, 200).Select(i => $"{i % 7},{i / 4},{(char)('a' + (i % 2))}\n");
        using var file = new CsvFile($"x,{column},y\n" + string.Concat(rows));
        SimulationPlan.Prepare(Plain with { Dataset = file.Spec("label=y") });
        string sentence = Refusal.Of(() => SimulationPlan.Prepare(Plain with { Dataset = file.Spec($"group={column}") }));
        Assert.Contains("do not fit into an entry of the ledger", sentence);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_simulated_is_refused_in_one_sentence(SimulationOptions options, string sentence) =>
        Assert.Equal(sentence, Refusal.Of(() => SimulationPlan.Prepare(options)));

    [Fact]
    public void The_largest_numbers_themselves_are_good()
    {
        var plan = SimulationPlan.Prepare(Plain with
        {
            Seed = (1L << 53) - 1, Budget = long.MaxValue / 4, Rounds = 4, BatchSize = int.MaxValue,
            Permutations = 32, GramLimit = 0, Tolerance = 0,
        });
        Assert.Equal((1L << 53) - 1, plan.Creation.Terms.Seed);
        Assert.Equal(0, SimulationPlan.Prepare(Plain with { Budget = 0, Seed = 0 }).Creation.Terms.Payment.Budget);
    }
}
