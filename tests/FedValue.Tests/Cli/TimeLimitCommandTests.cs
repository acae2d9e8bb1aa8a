using System.Text.Json.Nodes;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed class TimeLimitCommandTests
{
    static readonly string[] Quick =
    [
        "simulate", "--dataset", "breast-cancer", "--participants", "3", "--rounds", "1", "--methods", "permutation,tmc",
        "--permutations", "64",
    ];

    [Fact]
    public async Task A_run_under_a_time_limit_says_everywhere_what_its_root_depends_on_and_its_audit_says_what_it_took()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--stop", "time:.001|rank-stable:90"]);
        Assert.True(run.ExitCode == 0, run.Error);
        const string warning = "Sampling stops by time (time:0.001|rank-stable:90), so this ledger depends on the speed of the machine: the same "
            + "seed may give another root. An audit takes the recorded numbers of permutations and recomputes everything else.";
        Assert.Contains($"warning: {warning}", run.Output, StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(File.ReadAllText(folder["fedvalue-run/run.json"]))!;
        Assert.Contains(warning, json["result"]!["warnings"]!.AsArray().Select(sentence => (string?)sentence));
        Assert.Contains(warning, File.ReadAllText(folder["fedvalue-run/report.html"]), StringComparison.Ordinal);

        ProcessOutcome audit = await FedValueProcess.RunAsync(folder.Path, "audit", "fedvalue-run", "--recompute");
        Assert.True(audit.ExitCode == 0, audit.Output);
        Assert.Contains("bit for bit; where the time stopped sampling (time:0.001|rank-stable:90)", audit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_time_limit_nothing_is_said_of_it()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--stop", "permutations:32"]);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("speed of the machine", run.Output, StringComparison.Ordinal);
        ProcessOutcome audit = await FedValueProcess.RunAsync(folder.Path, "audit", "fedvalue-run", "--recompute");
        Assert.Equal(0, audit.ExitCode);
        Assert.DoesNotContain("time", audit.Output, StringComparison.Ordinal);
    }
}
