using FedValue.Cli.Commands;
using FedValue.Cli.Experiments;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

public sealed class ResumeTests
{
    const int Simulations = 8;

    [Fact]
    public async Task An_experiment_cut_anywhere_goes_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder);
        await TinyExperiment.RunAsync(experiment, folder["whole"], threads: 1);
        string expected = TinyExperiment.Tables(folder["whole"]);
        byte[] cells = File.ReadAllBytes(Path.Combine(folder["whole"], ExperimentFolder.CellsFile));
        int[] ends = [.. Enumerable.Range(0, cells.Length).Where(i => cells[i] == '\n').Select(i => i + 1)];
        Assert.Equal(1 + Simulations, ends.Length);

        // After every line, before its end of line, and somewhere within it; also within the first line and before it.
        int[] cuts = [0, 1, .. ends.SelectMany((end, i) => new[] { end - 1 - 17 * i, end - 1, end })];
        foreach (int cut in cuts)
        {
            string cutFolder = folder[$"cut-{cut}"];
            Directory.CreateDirectory(cutFolder);
            File.WriteAllBytes(Path.Combine(cutFolder, ExperimentFolder.CellsFile), cells[..cut]);
            await TinyExperiment.RunAsync(experiment, cutFolder);
            Assert.True(expected == TinyExperiment.Tables(cutFolder), $"Cut after {cut} bytes, the tables are others.");

            // What was there whole was not run again: its line, times included, still stands there.
            byte[] resumed = File.ReadAllBytes(Path.Combine(cutFolder, ExperimentFolder.CellsFile));
            int kept = ends.LastOrDefault(end => end <= cut);
            Assert.Equal(cells[..kept], resumed[..kept]);
            Assert.Equal(1 + Simulations, resumed.Count(b => b == '\n'));
        }
    }

    [Fact]
    public async Task Tables_do_not_depend_on_the_number_of_threads()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder);
        await TinyExperiment.RunAsync(experiment, folder["one"], threads: 1);
        await TinyExperiment.RunAsync(experiment, folder["five"], threads: 5);
        Assert.Equal(TinyExperiment.Tables(folder["one"]), TinyExperiment.Tables(folder["five"]));
    }

    [Fact]
    public async Task Fewer_seeds_first_and_all_of_them_later_is_the_same_experiment()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder);
        ExperimentSummary first = await TinyExperiment.RunAsync(experiment with { Seeds = [1] }, folder["grown"]);
        Assert.Equal(Simulations / 2, first.Results.Count);
        await TinyExperiment.RunAsync(experiment, folder["grown"]);
        await TinyExperiment.RunAsync(experiment, folder["at-once"]);
        Assert.Equal(TinyExperiment.Tables(folder["at-once"]), TinyExperiment.Tables(folder["grown"]));
    }

    [Fact]
    public async Task Results_of_another_file_are_refused()
    {
        using var folder = new TemporaryFolder();
        await TinyExperiment.RunAsync(TinyExperiment.Read(folder) with { Seeds = [1] }, folder["out"]);
        Experiment other = TinyExperiment.Read(folder, TinyExperiment.Json + " ");
        string message = (await Assert.ThrowsAsync<UsageException>(() => TinyExperiment.RunAsync(other, folder["out"]))).Message;
        Assert.Contains("another experiment file", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_other_numerics_are_refused()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder) with { Seeds = [1] };
        await TinyExperiment.RunAsync(experiment, folder["out"]);
        string cells = Path.Combine(folder["out"], ExperimentFolder.CellsFile), text = File.ReadAllText(cells);
        string older = text.Replace($"\"numerics\":{FedValue.Federation.Rounds.Numerics.Version}", "\"numerics\":0", StringComparison.Ordinal);
        Assert.NotEqual(text, older);
        File.WriteAllText(cells, older);
        await Assert.ThrowsAsync<UsageException>(() => TinyExperiment.RunAsync(experiment, folder["out"]));
    }

    [Fact]
    public async Task A_damaged_line_in_the_middle_is_named()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder) with { Seeds = [1] };
        await TinyExperiment.RunAsync(experiment, folder["out"]);
        string cells = Path.Combine(folder["out"], ExperimentFolder.CellsFile);
        string[] lines = File.ReadAllLines(cells);
        foreach (string damaged in new[] { "", "{}", lines[1][..40], lines[1].Replace("\"sizes\"", "\"size\""), Changed(lines[2]), lines[3] })
        {
            File.WriteAllText(cells, string.Join('\n', [.. lines[..2], damaged, .. lines[3..]]) + "\n");
            string message = (await Assert.ThrowsAsync<UsageException>(() => TinyExperiment.RunAsync(experiment, folder["out"]))).Message;
            Assert.Contains(damaged == lines[3] ? "Line 4" : "Line 3", message, StringComparison.Ordinal);
        }
    }

    /// <summary>Still a whole result, with another number of examples.</summary>
    static string Changed(string line)
    {
        int digit = line.IndexOf("\"examples\":[", StringComparison.Ordinal) + "\"examples\":[".Length;
        return line[..digit] + (line[digit] == '1' ? '2' : '1') + line[(digit + 1)..];
    }

    [Fact]
    public async Task Two_processes_do_not_write_the_same_results()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder) with { Seeds = [1] };
        await TinyExperiment.RunAsync(experiment, folder["out"]);
        using (File.Open(Path.Combine(folder["out"], ExperimentFolder.CellsFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            await Assert.ThrowsAsync<UsageException>(() => TinyExperiment.RunAsync(experiment, folder["out"]));
    }

    [Fact]
    public async Task A_diverged_simulation_is_recorded_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        string json = TinyExperiment.Json.Replace(
            "{ \"name\": \"sizes\",", "{ \"name\": \"sizes\", \"learning-rate\": 1e38, \"local-epochs\": 3,", StringComparison.Ordinal);
        Experiment experiment = TinyExperiment.Read(folder, json);
        ExperimentSummary summary = await TinyExperiment.RunAsync(experiment, folder["out"]);
        Assert.Equal([2, 2, 2, 2, 0, 0, 0, 0], summary.Aggregators.Select(a => a.Failed));
        Assert.Contains(ExperimentFindings.Of(summary), finding => finding.StartsWith("4 simulations diverged", StringComparison.Ordinal));
        string again = TinyExperiment.Tables(folder["out"]);
        await TinyExperiment.RunAsync(experiment, folder["out"]);
        Assert.Equal(again, TinyExperiment.Tables(folder["out"]));
    }
}
