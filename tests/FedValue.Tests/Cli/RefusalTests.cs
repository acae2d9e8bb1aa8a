using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

/// <summary>Whatever cannot be done: one clear sentence, exit code 2, nothing left behind.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "--rounds 0", "At least 1 round" },
        { "--rounds three", "--rounds must be a whole number" },
        { "--rounds 1.5", "--rounds must be a whole number" },
        { "--rounds 99999999999999", "--rounds must be a whole number from -2147483648 to 2147483647, but '99999999999999' came" },
        { "--seed 99999999999999999999", "--seed must be a whole number from -9223372036854775808 to 9223372036854775807, but" },
        { "--aggregator FedAvg", "There is no aggregator 'FedAvg' (did you mean fedavg?); there are" },
        { "--methods exakt", "There is no valuation method 'exakt' (did you mean exact?); there are" },
        { "--config .", "--config takes a JSON file, but '.' is a folder." },
        { "--learning-rate NaN", "learning rate" },
        { "--learning-rate Infinity", "learning rate" },
        { "--learning-rate -1", "learning rate" },
        { "--learning-rate 1,5", "--learning-rate must be a number" },
        { "--batch-size 0", "batch size" },
        { "--momentum 1", "momentum" },
        { "--weight-decay -0.1", "weight decay" },
        { "--local-epochs 0", "local epoch" },
        { "--participation 0", "participation" },
        { "--participation 1.01", "participation" },
        { "--validation 0", "validation share" },
        { "--validation 0.6 --test 0.4", "share" },
        { "--participants 0", "At least 1 participant" },
        { "--participants 5000", "too few for 5000 participants" },
        { "--partition dirichlet", "A partition is" },
        { "--partition dirichlet:0", "A partition is" },
        { "--partition natural", "participant column" },
        { "--partition dirichlet:0.001 --participants 60", "left one of 60 participants without rows" },
        { "--corrupt label-flip:2@1", "a share F above 0 and at most 1" },
        { "--corrupt free-rider@0", "Behind the @ of" },
        { "--corrupt free-rider@99", "names participant 99" },
        { "--corrupt duplicate-of:3@3", "duplicate of itself" },
        { "--corrupt nonsense", "A corruption is" },
        { "--scenario gtg:1 --partition iid", "so --partition cannot be given too" },
        { "--model cnn", "A model is" },
        { "--model mlp:0", "Hidden widths" },
        { "--aggregator fedsgd", "There is no aggregator 'fedsgd'" },
        { "--aggregator fedavgm:momentum=1", "'momentum'" },
        { "--aggregator fedavg:momentum=0.5", "(none)" },
        { "--aggregator fedprox", "--proximal-mu" },
        { "--aggregator fedtrimmedavg:beta=0.5", "below 0.5" },
        { "--preset flower-9", "A preset is one of fedvalue, flower-1.6" },
        { "--preset flower-1.6 --aggregator fedrandom", "'fedavg' and 'fedavgm:server-learning-rate=1:momentum=0'" },
        { "--proximal-mu -1", "proximal mu" },
        { "--aggregator fedrandom:fedavg,", "There is no aggregator" },
        { "--aggregator fedrandom:fedavg,fedavgm:momentum=0", "the same under their settings" },
        { "--counterfactual fedavg,fedavgm:momentum=0", "the same under their settings" },
        { "--counterfactual fedavg,fedrandom", "There is no aggregator 'fedrandom'" },
        { "--methods exact,fedrandom-mean", "--counterfactual" },
        { "--methods shapley", "There is no valuation method 'shapley'" },
        { "--methods exact,exact", "named twice" },
        { "--methods cosine,loo", "--pay-by" },
        { "--methods exact --pay-by cosine", "The payouts are to follow 'cosine'" },
        { "--policy equal --pay-by exact", "no method decides" },
        { "--policy generous", "'generous'" },
        { "--if-none-positive burn", "'burn'" },
        { "--participants 21 --methods exact", "'permutation'" },
        { "--utility profit", "A utility is one of" },
        { "--permutations 1", "permutations" },
        { "--tolerance -1", "tolerance" },
        { "--gram-limit -1", "Gram limit" },
        { "--budget -5", "budget" },
        { "--seed -1", "seed" },
        { "--threads 0", "thread" },
        { "--dataset mnist", "There is no data set 'mnist'" },
        { "--dataset csv:absent.csv", "absent.csv" },
        { "--dataset csv:.", "'.'" },
        { "--dataset csv:broken.csv", "Line 3 of 'broken.csv' has 'abc'" },
        { "--dataset csv:nan.csv", "'NaN'" },
        { "--dataset csv:ragged.csv", "Line 2" },
        { "--dataset csv:tiny.csv", "validation" },
        { "--dataset csv:long.csv", "holds no classes" },
        { "--dataset csv:tiny.csv,label=z", "no column 'z'" },
        { "--dataset csv:tiny.csv,colour=z", "'colour=z'" },
        { "--config absent.json", "absent.json" },
        { "--config broken.json", "is not JSON" },
        { "--config typo.json", "unknown member 'ronds'" },
        { "--config wrong.json", "--rounds must be a whole number" },
        { "--frobnicate", "--frobnicate" },
        { "--learning-rate 1e38 --local-epochs 3 --dataset digits --participants 2 --rounds 2 --methods exact", "diverged" },
        { "--rounds 1 --rounds 2", "--rounds takes one value" },
        { "--out letter.txt", "is a file" },
        { "--out ", "its name is empty" },
        { "--out letter.txt/run", "cannot be made" },
        { "--learning-rate 1e38 --local-epochs 3 --dataset digits --participants 2 --rounds 2 --methods exact --out deep/down/run", "diverged" },
        { "--config half.json", "no text in Unicode" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Simulate_says_what_is_wrong_in_one_sentence_and_leaves_nothing(string arguments, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["broken.csv"], "x,y\n1,a\nabc,b\n");
        File.WriteAllText(folder["nan.csv"], "x,y\nNaN,a\n2,b\n");
        File.WriteAllText(folder["ragged.csv"], "x,y\n1,a,3\n2,b\n");
        File.WriteAllText(folder["tiny.csv"], "x,y\n1,a\n2,b\n3,a\n4,b\n");
        File.WriteAllLines(folder["long.csv"], ["x,y", .. Enumerable.Range(0, 40).Select(i => $"{i % 3},{i}.5")]);
        File.WriteAllText(folder["broken.json"], "{");
        File.WriteAllText(folder["typo.json"], """{"ronds": 3}""");
        File.WriteAllText(folder["wrong.json"], """{"rounds": "many"}""");
        File.WriteAllText(folder["half.json"], """{"dataset": "\ud800"}""");
        File.WriteAllText(folder["letter.txt"], "dear");
        string[] before = Everything(folder.Path);

        ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, ["simulate", .. arguments.Split(' ')]);
        Assert.Equal(2, outcome.ExitCode);
        string[] sentences = [.. outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("round "))];
        Assert.StartsWith("fedvalue: ", Assert.Single(sentences));
        Assert.Contains(part, sentences[0]);
        Assert.Equal("", outcome.Output);
        Assert.Equal(before, Everything(folder.Path));
    }

    [Theory]
    [InlineData("audit nowhere", "There is no ledger in 'nowhere'")]
    [InlineData("audit .", "There is no ledger in '.'")]
    [InlineData("audit", "DIR")]
    [InlineData("audit . --root 12ab", "64 hex digits")]
    [InlineData("anomalies nowhere", "There is no ledger in 'nowhere'")]
    [InlineData("anomalies", "DIR")]
    [InlineData("", "but none came. Run 'fedvalue --help'")]
    [InlineData("bogus", "A command is simulate, serve, audit, anomalies, experiment or join, but 'bogus' came. Run 'fedvalue --help'")]
    [InlineData("simulate extra", "Run 'fedvalue simulate --help'")]
    [InlineData("audit . --frobnicate", "--frobnicate")]
    [InlineData("join u --federation f --participant p --data d --seed abc", "--seed takes a whole number, but 'abc' came. Run 'fedvalue join")]
    public async Task A_command_says_what_is_wrong_in_one_sentence(string arguments, string part)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(part, outcome.Sentence);
    }

    static string[] Everything(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
