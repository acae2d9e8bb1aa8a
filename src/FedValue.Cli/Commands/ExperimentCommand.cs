using System.CommandLine;
using System.Text.Json.Nodes;
using FedValue.Cli.Experiments;
using FedValue.Cli.Output;
using FedValue.Cli.Reporting;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue experiment FILE</c>: simulates a grid of scenarios, aggregators and seeds, and leaves tables and a report.</summary>
static class ExperimentCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = $"the experiment's JSON file, or one that is built in: {string.Join(", ", ShippedExperiments.Names)}",
        };
        var output = new Option<string?>("--out") { Description = "folder of the experiment; ./fedvalue-NAME", HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "start again instead of going on with what is in that folder" };
        var json = new Option<bool>("--json") { Description = "print the result as JSON instead of tables" };
        var threads = new Option<int?>("--threads") { Description = "most simulations at a time; one per processor", HelpName = "N" };
        var seeds = new Option<int?>("--seeds") { Description = "only the first so many seeds of the file", HelpName = "N" };
        var command = new Command("experiment", "Run a grid of simulations from a file, with resume, and write tables and a report.")
        {
            file, output, force, json, threads, seeds,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                Experiment experiment = First(ExperimentFile.Read(parsed.GetValue(file)!), parsed.GetValue(seeds));
                string folder = parsed.GetValue(output) ?? "fedvalue-" + experiment.Name;
                ExperimentSummary summary = await RunAsync(
                    experiment, folder, parsed.GetValue(force), parsed.GetValue(threads) ?? Environment.ProcessorCount, cancellation);
                Console.WriteLine(parsed.GetValue(json) ? Json(summary).ToJsonString() : ExperimentFolder.Tables(summary).TrimEnd('\n'));
                if (!parsed.GetValue(json))
                    Console.WriteLine($"report: {Path.Combine(folder, ExperimentFolder.ReportFile)}");
                return ExitCode.Success;
            }
            catch (UsageException wrong)
            {
                return CommandFailure.Report(wrong.Message);
            }
            catch (ExperimentStoppedException stopped)
            {
                return CommandFailure.Report(stopped.Message, stopped.ExitCode);
            }
        });
        return command;
    }

    /// <summary>Runs what is missing in a folder and writes the tables.</summary>
    /// <exception cref="UsageException">Something in the experiment or the arguments cannot be used.</exception>
    /// <exception cref="ExperimentStoppedException">It was interrupted, or its results cannot be written.</exception>
    internal static async Task<ExperimentSummary> RunAsync(
        Experiment experiment, string folder, bool force, int threads, CancellationToken cancellation)
    {
        if (threads < 1)
            throw new UsageException($"At least 1 thread is needed, but {threads} came.");
        var runner = new ExperimentRunner(experiment, threads);
        IReadOnlyList<string> data;
        try
        {
            data = runner.Check(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new ExperimentStoppedException("cancelled while the simulations were checked; none was run and nothing was written.",
                ExitCode.Cancelled);
        }
        ExperimentFolder.Prepare(folder);
        using var results = ResultsFile.Open(Path.Combine(folder, ExperimentFolder.CellsFile), experiment, data, force);
        try
        {
            await ExperimentProgressView.RunAsync(progress => runner.RunAsync(results, progress, cancellation));
            var summary = new ExperimentSummary(experiment, results.Results);
            ExperimentFolder.Write(folder, summary);
            return summary;
        }
        catch (OperationCanceledException)
        {
            throw new ExperimentStoppedException("cancelled; " + Kept(results, folder, force), ExitCode.Cancelled);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ExperimentStoppedException(
                $"A file of the results could not be written: {failure.Message.ReplaceLineEndings(" ")}; {Kept(results, folder, force)}",
                ExitCode.InputOutput);
        }
    }

    static string Kept(ResultsFile results, string folder, bool force) => results.Results.Count == 0 ? "no simulation was finished."
        : $"{Figures.Count(results.Results.Count, "finished simulation")} {(results.Results.Count == 1 ? "is" : "are")} kept in '{folder}', the "
            + $"same command{(force ? " without --force" : "")} goes on there.";

    static Experiment First(Experiment experiment, int? seeds) => seeds switch
    {
        null => experiment,
        < 1 => throw new UsageException($"At least 1 seed is needed, but --seeds {seeds} came."),
        { } count when count > experiment.Seeds.Count => throw new UsageException(
            $"The file has {Figures.Count(experiment.Seeds.Count, "seed")}, but --seeds {count} came; ask for at most as many."),
        { } count => experiment with { Seeds = [.. experiment.Seeds.Take(count)] },
    };

    static JsonObject Json(ExperimentSummary summary) => new()
    {
        ["experiment"] = summary.Experiment.Name,
        ["simulations"] = summary.Results.Count,
        ["findings"] = new JsonArray([.. ExperimentFindings.Of(summary).Select(finding => JsonValue.Create(finding))]),
        ["aggregators"] = new JsonArray([.. summary.Aggregators.Select(a => new JsonObject
        {
            ["scenario"] = a.Scenario,
            ["aggregator"] = a.Aggregator,
            ["method"] = a.Method,
            ["squaredL2"] = a.Squared?.Mean,
            ["chebyshev"] = a.Chebyshev?.Mean,
            ["spearmanWithExact"] = a.Spearman?.Mean,
            ["auroc"] = a.Auroc?.Mean,
        })]),
        ["equal"] = new JsonArray([.. summary.Equal.Select(e => new JsonObject
        {
            ["scenario"] = e.Scenario,
            ["squaredL2"] = e.Squared?.Mean,
            ["chebyshev"] = e.Chebyshev?.Mean,
            ["expectedSquaredL2"] = e.Expected,
        })]),
        ["groups"] = new JsonArray([.. summary.Groups.Select(g => new JsonObject
        {
            ["scenario"] = g.Scenario,
            ["group"] = g.Group,
            ["method"] = g.Method,
            ["meanShareSquaredL2"] = g.MeanSquared?.Mean,
            ["meanShareChebyshev"] = g.MeanChebyshev?.Mean,
            ["stability"] = g.Stability?.Mean,
        })]),
    };
}

/// <summary>An experiment that did not come to its end; the message says why, and what is kept.</summary>
sealed class ExperimentStoppedException(string message, int exitCode) : Exception(message)
{
    public int ExitCode => exitCode;
}
