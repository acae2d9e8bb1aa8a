using System.Text.RegularExpressions;
using FedValue.Tests.ArchitectureTests;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed partial class ReadmeTests
{
    const string Spelled = "dotnet run -c Release --project src/FedValue.Cli -- ";

    [Fact]
    public async Task Every_command_of_the_readme_runs_in_its_order_and_the_first_gives_the_printed_root()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["patients.csv"], Patients());
        IEnumerable<string> shown = Json().Matches(Repository.Read("README.md")).Select(block => block.Groups[1].Value);
        File.WriteAllText(folder["noise.json"], shown.Single(IsExperiment));
        string[] commands =
        [
            .. ShellLines(Repository.Read("README.md"))
                .Select(line => line.StartsWith(Spelled, StringComparison.Ordinal) ? "fedvalue " + line[Spelled.Length..] : line)
                .Where(line => line.StartsWith("fedvalue ", StringComparison.Ordinal)),
        ];
        Assert.Equal("fedvalue simulate", commands[0]);
        Assert.Equal(10, commands.Length);
        foreach (string command in commands)
        {
            ProcessOutcome outcome = command.StartsWith("fedvalue serve ", StringComparison.Ordinal)
                ? await ServedAsync(folder.Path, command.Split(' ')[1..])
                : await FedValueProcess.RunAsync(folder.Path, command.Split(' ')[1..]);
            Assert.True(outcome.ExitCode == 0, $"{command}: {outcome.Error}");
        }
        Assert.Contains(File.ReadAllText(folder["fedvalue-run/root.txt"]).Trim().Split(' ')[1], Repository.Read("README.md"));
    }

    [Fact]
    public void The_readme_names_every_option_method_and_aggregator()
    {
        string readme = Repository.Read("README.md");
        Assert.All(FedValue.Cli.Settings.SimulationSettings.All, setting => Assert.Contains("--" + setting.Name, readme));
        System.CommandLine.Command[] commands = [FedValue.Cli.Commands.JoinCommand.Create(), FedValue.Cli.Commands.SimulateCommand.Create(new("-v"))];
        Assert.All(commands.SelectMany(command => command.Options), option => Assert.Contains(option.Name, readme));
        Assert.All(FedValue.Valuation.Methods.MethodCatalog.Catalog.Entries, method => Assert.Contains($"`{method.Name}`", readme));
        Assert.All(
            FedValue.Federation.Aggregation.AggregationRules.Catalog.Entries, aggregator => Assert.Contains($"`{aggregator.Name}`", readme));
        Assert.All(FedValue.Federation.Aggregation.AggregationPreset.All, preset => Assert.Contains($"`{preset.Name}`", readme));
        Assert.All(FedValue.Cli.Experiments.ShippedExperiments.Names, name => Assert.Contains($"`{name}`", readme));
    }

    [Fact]
    public void The_readme_says_which_methods_run_unasked_and_which_remember()
    {
        string readme = Repository.Read("README.md");
        IReadOnlyList<FedValue.Valuation.Methods.IRoundMethod> unasked = FedValue.Valuation.Methods.MethodCatalog.Defaults;
        Assert.Equal(11, unasked.Count);
        Assert.Contains("A run without `--methods` computes the eleven of the output above", readme, StringComparison.Ordinal);
        Assert.All(unasked, method => Assert.Contains($"\n  {method.Info.Name} ", readme));
        string enumerating = string.Join(" and ", unasked.Where(method => method.Info.Enumerates).Select(method => $"`{method.Info.Name}`"));
        Assert.Contains($"but {enumerating} only where", readme, StringComparison.Ordinal);
        string row = readme.Split('\n').Single(line => line.Contains("They remember participants", StringComparison.Ordinal));
        Assert.All(["cgsv", "shapfed", "fedce", "or"], name => Assert.Contains($"`{name}`", row));
    }

    [Fact]
    public void Readme_and_help_say_which_joint_of_stop_conditions_binds_first()
    {
        Assert.Contains("`&` binds before `\\|`", Repository.Read("README.md"), StringComparison.Ordinal);
        System.CommandLine.Option stop = FedValue.Cli.Commands.SimulateCommand.Create(new("-v")).Options.Single(option => option.Name == "--stop");
        Assert.Contains("& (all; binds first) and | (any)", stop.Description, StringComparison.Ordinal);
    }

    static bool IsExperiment(string json) => json.Contains("\"seeds\"");

    /// <summary>A server does not end by itself: it is told to once it says where it listens, which here is any free port.</summary>
    static async Task<ProcessOutcome> ServedAsync(string folder, string[] arguments)
    {
        const string untilItServes =
            "\"$@\" > served.txt & until grep -q token served.txt || ! kill -0 $!; do sleep 0.1; done; kill $!; wait $!";
        ProcessOutcome outcome = await FedValueProcess.RunInShellAsync(folder, untilItServes, [.. arguments, "--urls", "http://127.0.0.1:0"]);
        string[] stated = Repository.Read("README.md").Split('\n'), came = File.ReadAllLines(Path.Combine(folder, "served.txt"));
        Assert.Contains(came[1], stated);
        Assert.Contains(stated, line => line.StartsWith(came[0][..came[0].LastIndexOf(':')], StringComparison.Ordinal));
        return outcome;
    }

    static IEnumerable<string> ShellLines(string markdown) =>
        Blocks().Matches(markdown).SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The table the README speaks of: three hospitals, two measurements, an outcome.</summary>
    static IEnumerable<string> Patients() =>
    [
        "age,pressure,hospital,outcome",
        .. Enumerable.Range(0, 240).Select(i =>
            $"{40 + (i * 7 % 40)},{100 + (i * 13 % 60)},{Hospital(i)},{(i * 7 % 40 > 20 ? "ill" : "well")}"),
    ];

    static string Hospital(int patient) => (patient % 3) switch { 0 => "north", 1 => "south", _ => "west" };

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    /// <summary>The experiment that the README shows.</summary>
    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
