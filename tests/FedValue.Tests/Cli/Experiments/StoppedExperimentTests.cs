using FedValue.Cli.Commands;
using FedValue.Cli.Experiments;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

/// <summary>An experiment that is interrupted or cannot write says truly what is kept.</summary>
public sealed class StoppedExperimentTests
{
    [Fact]
    public async Task Interrupted_while_simulations_are_checked_it_has_kept_and_written_nothing()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder);
        ExperimentStoppedException stopped = await Assert.ThrowsAsync<ExperimentStoppedException>(() =>
            ExperimentCommand.RunAsync(experiment, folder["out"], force: false, threads: 1, new CancellationToken(canceled: true)));
        Assert.Equal(ExitCode.Cancelled, stopped.ExitCode);
        Assert.DoesNotContain("kept", stopped.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task Interrupted_while_they_run_it_says_how_many_are_kept()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(
            folder, TinyExperiment.Json.Replace("[2, 1]", "{ \"from\": 1, \"count\": 200 }", StringComparison.Ordinal));
        var cells = new FileInfo(Path.Combine(folder["out"], ExperimentFolder.CellsFile));
        using var stop = new CancellationTokenSource();
        Task<ExperimentSummary> run = Task.Run(
            () => ExperimentCommand.RunAsync(experiment, folder["out"], force: false, threads: 2, stop.Token));
        for (; !run.IsCompleted && !(cells.Exists && cells.Length > 2000); cells.Refresh())
            await Task.Delay(5);
        await stop.CancelAsync();
        ExperimentStoppedException stopped = await Assert.ThrowsAsync<ExperimentStoppedException>(() => run);
        int kept = File.ReadAllLines(cells.FullName).Length - 1;
        Assert.Equal(
            $"cancelled; {kept} finished simulations are kept in '{folder["out"]}', the same command goes on there.", stopped.Message);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_table_is_a_failure_of_output_and_leaves_nothing_partial()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tiny.json"], TinyExperiment.Json);
        ProcessOutcome first = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json", "--seeds", "1");
        Assert.Equal(0, first.ExitCode);
        File.Delete(folder["fedvalue-tiny/values.csv"]);
        Directory.CreateDirectory(folder["fedvalue-tiny/values.csv"]);
        ProcessOutcome again = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json", "--seeds", "1");
        CheckFailure(again, folder["fedvalue-tiny"]);
    }

    [FactWithAShell]
    public async Task A_full_disk_and_output_that_cannot_be_written_have_the_exit_code_of_simulate()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tiny.json"], TinyExperiment.Json);
        ProcessOutcome output = await FedValueProcess.RunInShellAsync(
            folder.Path, "\"$@\" >/dev/full", "experiment", "tiny.json", "--seeds", "1");
        Assert.Equal(ExitCode.InputOutput, output.ExitCode);
        Assert.Contains("fedvalue: A file or the output could not be read or written: ", output.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("goes on", output.Error, StringComparison.Ordinal); // all of it is there

        File.CreateSymbolicLink(folder["fedvalue-tiny/summary.csv.partial"], "/dev/full");
        ProcessOutcome full = await FedValueProcess.RunAsync(folder.Path, "experiment", "tiny.json", "--seeds", "1");
        CheckFailure(full, folder["fedvalue-tiny"]);
    }

    static void CheckFailure(ProcessOutcome outcome, string folder)
    {
        Assert.Equal(ExitCode.InputOutput, outcome.ExitCode);
        string sentence = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("fedvalue: A file of the results could not be written: ", sentence, StringComparison.Ordinal);
        Assert.EndsWith("4 finished simulations are kept in 'fedvalue-tiny', the same command goes on there.", sentence, StringComparison.Ordinal);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(folder, ExperimentFolder.CellsFile)).Length);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder, "*.partial"));
    }
}
