using FedValue.Cli.Commands;
using FedValue.Cli.Runs;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Runs;

public sealed class RunFolderTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // an empty folder is there, so both write inside of it
    public void Two_runs_into_one_folder_do_not_go_on_side_by_side(bool isThere)
    {
        if (isThere)
            Directory.CreateDirectory(_folder["run"]);
        using (RunFolder first = Filled(force: false))
        {
            foreach (bool force in (bool[])[false, true])
            {
                Assert.Equal(
                    $"Another simulation is writing into '{_folder["run"]}'; wait for its end, or name another folder with --out.",
                    Assert.Throws<UsageException>(() => RunFolder.Begin(_folder["run"], force)).Message);
            }
            first.Finish();
        }
        Assert.Equal("first", File.ReadAllText(_folder["run/ledger.sqlite"]));
        Assert.Equal([_folder["run"]], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder["run"]).Length);
        using RunFolder second = RunFolder.Begin(_folder["run"], force: true);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_place_that_was_taken_meanwhile_keeps_what_it_holds_and_so_does_the_finished_run(bool isThere, bool force)
    {
        if (isThere)
            Directory.CreateDirectory(_folder["run"]);
        string kept = $"{_folder["run"]}-{Environment.ProcessId}";
        using (RunFolder run = Filled(force))
        {
            Directory.CreateDirectory(_folder["run"]);
            File.WriteAllText(_folder["run/letter.txt"], "dear");
            Assert.Equal(
                $"The folder '{_folder["run"]}' was filled while the simulation ran; the finished run is kept in '{kept}'.",
                Assert.Throws<UsageException>(run.Finish).Message);
        }
        Assert.Equal(["letter.txt"], Directory.GetFileSystemEntries(_folder["run"]).Select(Path.GetFileName));
        Assert.True(RunFolder.IsRun(kept));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Theory]
    [InlineData(".run.4000000.partial", true)]
    [InlineData("run/.run.4000000.partial", true)]
    [InlineData(".run.mine.partial", false)]
    [InlineData(".run2.4000000.partial", false)]
    public void What_a_killed_run_has_left_is_cleared_by_the_next_one_and_nothing_else(string place, bool cleared)
    {
        Directory.CreateDirectory(_folder[place]);
        File.WriteAllText(_folder[place + "/ledger.sqlite"], "half");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(_folder[place])!, ".run.lock"), ""); // of the same process, held by nobody
        using (RunFolder run = Filled(force: false))
            run.Finish();
        Assert.Equal(!cleared, Directory.Exists(_folder[place]));
        Assert.Equal("first", File.ReadAllText(_folder["run/ledger.sqlite"]));
    }

    [Fact]
    public void Where_an_older_run_was_moved_aside_nothing_is_cleared()
    {
        Directory.CreateDirectory(_folder[".run.4000000.partial"]);
        Directory.CreateDirectory(_folder[".run.4000000.partial.old"]);
        using (RunFolder.Begin(_folder["run"], force: false))
        {
        }
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    RunFolder Filled(bool force)
    {
        RunFolder run = RunFolder.Begin(_folder["run"], force);
        File.WriteAllText(run[RunFolder.LedgerFile], "first");
        File.WriteAllText(run[RunFolder.ConfigFile], "{}");
        return run;
    }
}
