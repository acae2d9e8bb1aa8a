using System.Text.RegularExpressions;
using FedValue.Cli.Experiments;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

/// <summary>An experiment of eight simulations that take some milliseconds each.</summary>
static partial class TinyExperiment
{
    public const string Json = """
        {
          "name": "tiny",
          "seeds": [2, 1],
          "base": { "dataset": "breast-cancer", "rounds": 2, "participants": 3, "round-weights": "halting:2" },
          "scenarios": [
            { "name": "sizes", "partition": "size-dirichlet:1" },
            { "name": "flipped, even", "partition": "iid", "corrupt": ["label-flip:1@2"] }
          ],
          "aggregators": ["fedavg", { "name": "flower's \"m\"", "aggregator": "fedavgm", "preset": "flower-1.6" }],
          "methods": ["exact", "cosine"],
          "truth": "sizes"
        }
        """;

    public static Experiment Read(TemporaryFolder folder, string json = Json)
    {
        File.WriteAllText(folder["tiny.json"], json);
        return ExperimentFile.Read(folder["tiny.json"]);
    }

    /// <summary>Runs what is missing in a folder and writes the tables.</summary>
    public static async Task<ExperimentSummary> RunAsync(Experiment experiment, string folder, int threads = 2)
    {
        var runner = new ExperimentRunner(experiment, threads);
        IReadOnlyList<string> data = runner.Check(default);
        ExperimentFolder.Prepare(folder);
        using var results = ResultsFile.Open(Path.Combine(folder, ExperimentFolder.CellsFile), experiment, data, force: false);
        await runner.RunAsync(results, new Silent(), default);
        var summary = new ExperimentSummary(experiment, results.Results);
        ExperimentFolder.Write(folder, summary);
        return summary;
    }

    /// <summary>Everything that must be the same every time, by file; the report without the section of its times.</summary>
    public static string Tables(string folder) => Times().Replace(string.Join("\n", new[]
    {
        ExperimentFolder.ValuesFile, ExperimentFolder.SummaryFile, ExperimentFolder.GroupsFile, ExperimentFolder.TablesFile,
        ExperimentFolder.ReportFile, ExperimentFolder.FigureFile,
    }.Select(file => File.ReadAllText(Path.Combine(folder, file)))), "");

    [GeneratedRegex("<section id=\"times\">.*?</section>", RegexOptions.Singleline)]
    public static partial Regex Times();

    sealed class Silent : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value)
        {
        }
    }
}
