using FedValue.Cli.Commands;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

/// <summary>What only happens in a shell: a folder that somebody stands in, a folder that is gone, a disk that is full.</summary>
public sealed class ShellTests
{
    static readonly string[] Quick =
        ["simulate", "--dataset", "breast-cancer", "--participants", "2", "--rounds", "1", "--methods", "loo", "--pay-by", "loo"];

    [FactWithAShell]
    public async Task A_run_into_the_empty_folder_one_stands_in_leaves_one_standing_there()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunInShellAsync(
            folder.Path, "mkdir here && cd here && \"$@\" >/dev/null && ls -A", [.. Quick, "--out", "."]);
        Assert.Equal("blobs\ncontributions.csv\nledger.sqlite\nreport.html\nroot.txt\nrun.json\n", run.Output);
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, "audit", "here")).ExitCode);

        foreach (string here in new[] { "here", "here/blobs" })
        {
            ProcessOutcome again = await FedValueProcess.RunAsync(folder[here], [.. Quick, "--force", "--out", folder["here"]]);
            Assert.Equal(2, again.ExitCode);
            Assert.Contains("you are in it", again.Sentence);
        }
        Assert.Equal([folder["here"]], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [FactWithAShell]
    public async Task A_failed_run_into_an_empty_folder_leaves_it_empty()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["here"]);
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder["here"], [.. Quick, "--learning-rate", "1e38", "--local-epochs", "3", "--out", "."]);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["here"]));
    }

    [FactWithAShell]
    public async Task A_folder_that_is_gone_is_said_to_be()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunInShellAsync(folder.Path, "mkdir gone && cd gone && rmdir ../gone && \"$@\"", Quick);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cannot be made", run.Sentence);
    }

    [FactWithAShell]
    public async Task Output_that_cannot_be_written_is_one_sentence_and_its_own_exit_code()
    {
        using var folder = new TemporaryFolder();
        foreach (string[] command in (string[][])[[.. Quick, "--json"], ["audit", "fedvalue-run"], ["--help"]])
        {
            ProcessOutcome run = await FedValueProcess.RunInShellAsync(folder.Path, "\"$@\" >/dev/full", command);
            Assert.Equal(74, run.ExitCode);
            string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.StartsWith("fedvalue: A file or the output could not be read or written: ", lines[^1]);
            Assert.DoesNotContain("   at ", run.Error);
            Assert.Equal(command[0] == "simulate", lines[^1].EndsWith("(the run is finished and lies in 'fedvalue-run')", StringComparison.Ordinal));
        }
        ProcessOutcome verbose = await FedValueProcess.RunInShellAsync(folder.Path, "\"$@\" >/dev/full", "audit", "fedvalue-run", "--verbose");
        Assert.Contains("   at ", verbose.Error);
    }

    [FactWithAShell]
    public async Task A_run_that_is_stopped_while_it_samples_says_so_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunInShellAsync(
            folder.Path, "\"$@\" & until ls .o.*.partial/blobs >/dev/null 2>&1; do sleep 0.1; done; sleep 1; kill $!; wait $!",
            [.. Quick.Take(7), "--methods", "permutation", "--permutations", "2000000000", "--tolerance", "0", "--out", "o"]);
        Assert.Equal(130, run.ExitCode);
        Assert.EndsWith("fedvalue: cancelled; nothing was left behind.\n", run.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [FactWithAShell]
    public async Task The_folder_for_trainers_is_not_that_of_the_run()
    {
        using var folder = new TemporaryFolder();
        foreach (string place in (string[])["o", "./o/", "o/inside"])
        {
            ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--out", "o", "--as-federation", place]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains($"but '{place}' is 'o' or lies in it", run.Sentence);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        }
    }

    [Fact]
    public void A_defect_is_one_sentence_that_asks_for_a_report() => Assert.Equal(
        (70, "This is a defect of FedValue; please report it with what --verbose prints: so it went"),
        CommandFailure.Judge(new InvalidOperationException("so\nit went")));
}

/// <summary>A test that needs a shell of Unix and its full device; elsewhere it is skipped and says so.</summary>
sealed class FactWithAShellAttribute : FactAttribute
{
    public FactWithAShellAttribute()
    {
        if (!File.Exists("/bin/sh") || !File.Exists("/dev/full"))
            Skip = "There is no /bin/sh or no /dev/full on this machine.";
    }
}
