using System.CommandLine;
using System.Text;
using FedValue.Cli.Output;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Cli.Settings;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue simulate</c>: runs a federation in this process and leaves a folder with its ledger, blobs, tables and report.</summary>
static class SimulateCommand
{
    public static Command Create(Option<bool> verbose)
    {
        var command = new Command("simulate", "Simulate a federation on real data: train, value, pay, and write a report.");
        var settings = SimulationSettings.All.Select(setting => (setting, new Option<string[]>("--" + setting.Name)
        {
            Description = setting.Description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            HelpName = "VALUE",
        })).ToList();
        foreach ((_, Option<string[]> option) in settings)
            command.Options.Add(option);
        var output = new Option<string>("--out")
        {
            Description = "folder of the run; ./fedvalue-run",
            DefaultValueFactory = _ => "fedvalue-run",
            HelpName = "DIR",
        };
        var force = new Option<bool>("--force") { Description = "replace an older run in that folder" };
        var json = new Option<bool>("--json") { Description = "print the result as JSON instead of tables" };
        var config = new Option<string?>("--config")
        {
            Description = "settings from a JSON file, for example a run.json; the command line wins",
            HelpName = "FILE",
        };
        var export = new Option<string?>("--as-federation")
        {
            Description = "also write what runs this simulation with real trainers on a server, 'fedvalue join' for everybody",
            HelpName = "DIR",
        };
        command.Options.Add(output);
        command.Options.Add(force);
        command.Options.Add(json);
        command.Options.Add(config);
        command.Options.Add(export);

        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var options = new SimulationOptions();
                if (parsed.GetValue(config) is { } file)
                    options = ConfigFile.Apply(file, options);
                foreach ((SimulationSetting setting, Option<string[]> option) in settings)
                {
                    if (parsed.GetValue(option) is { Length: > 0 } texts)
                        options = setting.Set(options, texts);
                }
                ILogger logger = parsed.GetValue(verbose) ? new StandardErrorLogger() : NullLogger.Instance;
                await RunAsync(options, parsed.GetValue(output)!, parsed.GetValue(force), parsed.GetValue(json), parsed.GetValue(export), logger,
                    cancellation);
                return ExitCode.Success;
            }
            catch (Exception wrong) when (wrong is UsageException or SimulationException)
            {
                return CommandFailure.Report(wrong.Message);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("fedvalue: cancelled; nothing was left behind.");
                return ExitCode.Cancelled;
            }
        });
        return command;
    }

    static async Task RunAsync(
        SimulationOptions options, string output, bool force, bool json, string? export, ILogger logger, CancellationToken cancellation)
    {
        SimulationPlan plan = SimulationPlan.Prepare(options);
        if (export is not null)
            FederationExport.Check(plan, export, output);
        using RunFolder folder = RunFolder.Begin(output, force);
        RunSummary summary;
        await using (SqliteLedgerStore ledger = SqliteLedgerStore.Open(folder[RunFolder.LedgerFile], logger))
        {
            var blobs = new DirectoryBlobStore(folder[RunFolder.BlobFolder]);
            var runner = new SimulationRunner(plan, ledger, blobs);
            SimulationOutcome outcome = await SimulationProgressView.RunAsync(progress => runner.RunAsync(progress, cancellation));
            FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs, cancellation, plan.Totals);
            summary = new RunSummary(plan, outcome, history, await AnomalyScan.RunAsync(history, blobs, cancellation));
        }

        Write(folder, RunFolder.ContributionsFile, ContributionsCsv.Write(summary.History));
        Write(folder, RunFolder.ConfigFile, RunJson.Write(summary));
        Write(folder, RunFolder.ReportFile, HtmlReport.Write(summary));
        Write(folder, RunFolder.RootFile, RootFile.Write(summary.History.Head));
        if (export is not null)
            FederationExport.Write(plan, export);
        folder.Finish();
        try
        {
            if (json)
                Console.WriteLine(RunJson.Result(summary).ToJsonString());
            else
                SummaryTables.Print(summary, output);
        }
        catch (IOException failure)
        {
            throw new IOException($"{failure.Message.ReplaceLineEndings(" ")} (the run is finished and lies in '{output}')", failure);
        }
    }

    static void Write(RunFolder folder, string file, string text) => File.WriteAllText(folder[file], text, new UTF8Encoding(false));
}
