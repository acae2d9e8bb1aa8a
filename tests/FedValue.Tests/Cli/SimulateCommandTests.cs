using System.Globalization;
using System.Text.Json.Nodes;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed class SimulateCommandTests
{
    static readonly string[] Quick =
        ["simulate", "--dataset", "breast-cancer", "--participants", "3", "--rounds", "2", "--methods", "exact,gradient-shapley"];

    [Fact]
    public async Task A_run_leaves_one_folder_with_everything_and_says_what_it_found()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, Quick);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["fedvalue-run"], Names(folder.Path));
        Assert.Equal(
            ["blobs", "contributions.csv", "ledger.sqlite", "report.html", "root.txt", "run.json"], Names(folder["fedvalue-run"]));

        Assert.Contains("participant-1", run.Output);
        Assert.Contains("95 % intervals", run.Output);
        Assert.Contains("no interval", run.Output);
        Assert.Contains("Spearman with exact", run.Output);
        Assert.Contains(File.ReadAllText(folder["fedvalue-run/root.txt"]).Split(' ')[1].Trim(), run.Output);
        Assert.Equal(["round 1/2", "round 2/2"], run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task No_entry_holds_a_path_a_time_or_a_number_of_threads()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["people.csv"], Rows(200));
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--dataset", $"csv:{folder["people.csv"]},label=y,participant=who", "--rounds", "1", "--methods", "loo",
            "--pay-by", "loo", "--threads", "2");
        Assert.True(run.ExitCode == 0, run.Error);
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(folder["fedvalue-run/ledger.sqlite"]);
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            string text = System.Text.Encoding.UTF8.GetString(entry.Bytes.Span);
            Assert.DoesNotContain("people.csv", text);
            Assert.DoesNotContain(folder.Path, text);
            Assert.DoesNotContain("threads", text);
            Assert.DoesNotContain(DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture) + "-", text);
            if (EventJson.Parse(entry.Bytes.Span) is not RoundOpened opened)
                continue;
            Assert.Equal(["amy", "bob"], opened.Cohort);
            Assert.Equal(1000, opened.At); // one logical second
        }
    }

    [Fact]
    public async Task Run_json_is_a_configuration_of_the_same_run()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, [.. SmallRun.Arguments, "--out", "first"])).ExitCode);
        ProcessOutcome again = await FedValueProcess.RunAsync(folder.Path, "simulate", "--config", "first/run.json", "--out", "second");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(File.ReadAllText(folder["first/root.txt"]), File.ReadAllText(folder["second/root.txt"]));

        ProcessOutcome other = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--config", "first/run.json", "--rounds", "1", "--out", "third", "--json");
        Assert.Single(other.Json["validationLoss"]!.AsArray()); // the command line wins
        string[] paths = [.. JsonNode.Parse(File.ReadAllText(folder["first/run.json"]))!["result"]!["coalitions"]!.AsArray()
            .Select(path => (string)path!)];
        Assert.Equal(5, paths.Length); // the pool's rules took turns, and they go different ways
        Assert.Equal(["first-layer sums", "rebuilt models"], paths.Distinct().Order());
        Assert.Contains("were measured by ", File.ReadAllText(folder["first/report.html"]));
    }

    [Fact]
    public async Task What_the_program_notes_about_its_database_is_said_when_asked_and_kept_with_the_run()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--verbose"]);
        bool affected = SqliteVersion.IsAffectedByWalReset(SqliteVersion.Current);
        Assert.Equal(affected, run.Error.Contains("one connection"));
        JsonNode environment = JsonNode.Parse(File.ReadAllText(folder["fedvalue-run/run.json"]))!["environment"]!;
        Assert.Equal(affected, (bool)environment["sqliteHasWalResetRace"]!);
    }

    [Fact]
    public async Task When_nobody_contributes_nobody_is_paid()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--dataset", "breast-cancer", "--participants", "3", "--corrupt", "free-rider@1,2,3", "--rounds", "2", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(200_000, (long)run.Json["unallocated"]!);
        Assert.All(run.Json["participants"]!.AsArray(), participant =>
            Assert.All(participant!["values"]!.AsObject(), value => Assert.Equal(0, (double)value.Value!["value"]!)));
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, "audit", "fedvalue-run", "--recompute")).ExitCode);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task One_or_two_participants_are_a_federation(string participants)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--dataset", "breast-cancer", "--participants", participants, "--rounds", "2", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(11, run.Json["methods"]!.AsArray().Count);
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, "audit", "fedvalue-run", "--recompute")).ExitCode);
    }

    [Fact]
    public async Task Participants_whose_groups_are_all_held_out_are_named()
    {
        using var folder = new TemporaryFolder();
        string[] rows = [.. Enumerable.Range(0, 300).Select(i => $"{i % 7},{i % 5},person-{i / 30},{(i % 2 == 0 ? "sits" : "walks")}")];
        File.WriteAllLines(folder["walks.csv"], ["x,y,subject,activity", .. rows]);
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--dataset", "csv:walks.csv,label=activity,participant=subject,group=subject", "--rounds", "1",
            "--methods", "cosine", "--pay-by", "cosine", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(6, run.Json["participants"]!.AsArray().Count);
        Assert.Contains(run.Json["warnings"]!.AsArray(), warning => ((string)warning!).StartsWith("4 participants of the table hold only"));
    }

    [Fact]
    public async Task Json_output_holds_what_the_tables_say()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--json"]);
        JsonArray participants = run.Json["participants"]!.AsArray();
        Assert.Equal(3, participants.Count);
        long paid = participants.Sum(p => (long)p!["payout"]!) + (long)run.Json["unallocated"]!;
        Assert.Equal(2 * 100_000, paid);
        JsonNode values = participants[0]!["values"]!;
        Assert.Equal(2, values["exact"]!["interval95"]!.AsArray().Count);
        Assert.Null(values["gradient-shapley"]!["interval95"]);
    }

    [Fact]
    public async Task Values_of_the_table_file_add_up_to_the_payouts_of_the_ledger()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--json", "--participation", "0.67"]);
        string text = File.ReadAllText(folder["fedvalue-run/contributions.csv"]);
        Assert.DoesNotContain('\r', text);
        string[][] lines = [.. text.TrimEnd('\n').Split('\n').Select(line => line.Split(','))];
        Assert.Equal(1 + (2 * 3 * 2), lines.Length); // header; rounds x participants x methods
        Assert.All(lines, line => Assert.Equal(10, line.Length));
        foreach (JsonNode? participant in run.Json["participants"]!.AsArray())
        {
            string[][] own = [.. lines.Where(line => line[1] == (string)participant!["id"]! && line[2] == "exact")];
            Assert.Equal((int)participant!["rounds"]!, own.Count(line => line[3] == "1"));
            Assert.Equal((long)participant["payout"]!, own.Sum(line => long.Parse(line[9], CultureInfo.InvariantCulture)));
            double value = own.Sum(line => double.Parse(line[4], CultureInfo.InvariantCulture));
            Assert.Equal((double)participant["values"]!["exact"]!["value"]!, value, 1e-12);
        }
    }

    [Fact]
    public async Task Payouts_and_values_do_not_need_each_other()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, "simulate", "--dataset", "breast-cancer", "--participants", "4", "--rounds", "1", "--methods", "none", "--policy", "by-size",
            "--budget", "7", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(7, run.Json["participants"]!.AsArray().Sum(p => (long)p!["payout"]!));
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, "audit", "fedvalue-run", "--recompute")).ExitCode);
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_refused_and_a_run_is_replaced_only_when_asked()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["mine"]);
        File.WriteAllText(folder["mine/letter.txt"], "dear");
        foreach (string[] force in (string[][])[[], ["--force"]])
        {
            ProcessOutcome refused = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--out", "mine", .. force]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("not empty and holds no run", refused.Sentence);
        }
        Assert.Equal(["letter.txt"], Names(folder["mine"]));

        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--out", "run"])).ExitCode);
        string root = File.ReadAllText(folder["run/root.txt"]);
        ProcessOutcome again = await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--out", "run", "--seed", "9"]);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("--force", again.Sentence);
        Assert.Equal(root, File.ReadAllText(folder["run/root.txt"]));
        Assert.Equal(0, (await FedValueProcess.RunAsync(folder.Path, [.. Quick, "--out", "run", "--seed", "9", "--force"])).ExitCode);
        Assert.NotEqual(root, File.ReadAllText(folder["run/root.txt"]));
        Assert.Equal(["mine", "run"], Names(folder.Path));
    }

    static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    static IEnumerable<string> Rows(int count) =>
    [
        "x,who,y",
        .. Enumerable.Range(0, count).Select(i => $"{(i % 7) + (i % 2 * 5)},{(i % 3 == 0 ? "amy" : "bob")},{(i % 2 == 0 ? "no" : "yes")}"),
    ];
}
