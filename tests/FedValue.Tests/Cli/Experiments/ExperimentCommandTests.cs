using System.Globalization;
using FedValue.Cli.Experiments;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

public sealed class ExperimentCommandTests
{
    [Fact]
    public async Task An_experiment_runs_goes_on_and_refuses_what_is_not_its_own()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tiny.json"], TinyExperiment.Json);
        ProcessOutcome first = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json", "--json", "--threads", "2");
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal(8, (int?)first.Json["simulations"]);
        Assert.Contains("8 of 8 simulations", first.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["cells.jsonl", "distances.svg", "groups.csv", "report.html", "summary.csv", "tables.md", "times.csv", "values.csv"],
            Directory.EnumerateFiles(folder["fedvalue-tiny"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        CheckValues(File.ReadAllLines(folder["fedvalue-tiny/values.csv"]));

        byte[] cells = File.ReadAllBytes(folder["fedvalue-tiny/cells.jsonl"]);
        ProcessOutcome again = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(cells, File.ReadAllBytes(folder["fedvalue-tiny/cells.jsonl"]));
        Assert.Contains("Squared Euclidean distance", again.Output, StringComparison.Ordinal);

        File.AppendAllText(folder["tiny.json"], "\n");
        ProcessOutcome other = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("another experiment file", other.Sentence, StringComparison.Ordinal);
        Assert.Equal(cells, File.ReadAllBytes(folder["fedvalue-tiny/cells.jsonl"]));

        ProcessOutcome forced = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json", "--force", "--seeds", "1", "--json");
        Assert.Equal(4, (int?)forced.Json["simulations"]);
    }

    /// <summary>Shares of every division sum to 1, and sizes are those of the rows.</summary>
    static void CheckValues(string[] lines)
    {
        Assert.Equal("scenario,aggregator,seed,method,participant,value,share,positive_share,size_share,examples,corrupted", lines[0]);
        Assert.Equal(1 + 8 * 2 * 3, lines.Length);
        Assert.StartsWith("sizes,fedavg,1,exact,participant-1,", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("\"flipped, even\",\"flower's \"\"m\"\"\",2,cosine,participant-2,", StringComparison.Ordinal)
            && line.EndsWith(",1", StringComparison.Ordinal));
        foreach (string[] division in lines.Skip(1).Chunk(3))
        {
            double[][] numbers =
            [
                .. division.Select(line => line.Split(',')[^6..].Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()),
            ];
            double sum = numbers.Sum(n => n[0]), examples = numbers.Sum(n => n[4]);
            Assert.All(numbers, n => Assert.Equal(n[0] / sum, n[1], 12));
            Assert.All(numbers, n => Assert.Equal(n[4] / examples, n[3], 12));
            Assert.Equal(1, numbers.Sum(n => n[2]), 12);
        }
    }

    [Theory]
    [InlineData("experiment absent.json", "There is no experiment 'absent.json'")]
    [InlineData("experiment", "FILE")]
    [InlineData("experiment ", "An experiment is a JSON file or one of fedrandom, volatility, but its name is empty.")]
    [InlineData("experiment volatility --seeds 1 --out ", "--out takes a folder, but its name is empty.")]
    [InlineData("experiment volatility --threads 0", "At least 1 thread")]
    [InlineData("experiment volatility --seeds 0", "At least 1 seed")]
    [InlineData("experiment volatility --seeds 1000", "The file has 70 seeds, but --seeds 1000 came; ask for at most as many.")]
    [InlineData("experiment volatility --out full --seeds 1", "not empty and holds no experiment")]
    [InlineData("experiment volatility --out full/letter.txt --seeds 1", "is a file")]
    public async Task What_cannot_be_done_is_said_in_one_sentence(string arguments, string part)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["full"]);
        File.WriteAllText(folder["full/letter.txt"], "dear");
        ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, arguments.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(part, outcome.Sentence, StringComparison.Ordinal);
        Assert.Single(folder.Files());
    }
}
