using System.Text;
using System.Text.Json.Nodes;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed class AuditCommandTests : IClassFixture<AuditCommandTests.Run>
{
    readonly Run _run;

    public AuditCommandTests(Run run) => _run = run;

    [Fact]
    public async Task A_clean_ledger_is_clean_and_says_what_was_not_proved()
    {
        ProcessOutcome audit = await FedValueProcess.RunAsync(_run.Folder.Path, "audit", "run");
        Assert.Equal(0, audit.ExitCode);
        Assert.Contains("clean", audit.Output);
        Assert.Contains("consistent in itself, not that it is the one you saw before", audit.Output);
        Assert.Contains("not recomputed", audit.Output);
        Assert.Contains("sum to budgets, root.txt, contributions.csv\nnot checked: run.json and report.html;", audit.Output);
    }

    [Fact]
    public async Task What_a_folder_does_not_hold_is_not_said_to_be_unchecked_and_a_missing_root_is_told_from_another_one()
    {
        string served = _run.Copy("served"); // a server's federation has a ledger and blobs only
        foreach (string file in (string[])["run.json", "report.html", "contributions.csv", "root.txt"])
            File.Delete(Path.Combine(served, file));
        ProcessOutcome audit = await FedValueProcess.RunAsync(_run.Folder.Path, "audit", "served");
        Assert.Equal(0, audit.ExitCode);
        Assert.DoesNotContain("not checked:", audit.Output);
        Assert.DoesNotContain("root.txt", audit.Output);

        File.Delete(Path.Combine(_run.Copy("rootless"), "root.txt"));
        await FoundAsync("rootless", "size and root in root.txt, but there is no such file.");
        File.WriteAllText(_run.Folder["rootless/root.txt"], "none");
        await FoundAsync("rootless", "size and root in root.txt, but it holds something else.");
    }

    [Theory]
    [InlineData("data/federations/demo", "data")]
    [InlineData("data/federations/demo", "data/federations")]
    public async Task A_folder_above_a_ledger_is_refused_with_the_one_that_holds_it(string place, string asked)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder[place]);
        File.WriteAllText(folder[place + "/ledger.sqlite"], "");
        foreach (string command in (string[])["audit", "anomalies"])
        {
            ProcessOutcome refused = await FedValueProcess.RunAsync(folder.Path, command, asked);
            Assert.Equal(2, refused.ExitCode);
            Assert.EndsWith($"There is no ledger in '{asked}': expected the file ledger.sqlite of a run or a federation; there is one in '{place}'.",
                refused.Sentence);
        }
    }

    [Fact]
    public async Task Recomputing_and_comparing_with_a_kept_root_proves_the_rest()
    {
        ProcessOutcome audit = await FedValueProcess.RunAsync(_run.Folder.Path, "audit", "run", "--recompute", "--root", _run.Root, "--json");
        Assert.Equal(0, audit.ExitCode);
        Assert.True((bool)audit.Json["clean"]! && (bool)audit.Json["recomputed"]! && (bool)audit.Json["comparedWithKeptRoot"]!);
        Assert.Equal(_run.Root, (string?)audit.Json["root"]);
    }

    [Fact]
    public async Task Another_root_than_the_kept_one_is_damage()
    {
        string other = (_run.Root[0] == '0' ? "1" : "0") + _run.Root[1..];
        ProcessOutcome audit = await FedValueProcess.RunAsync(_run.Folder.Path, "audit", "run", "--root", other);
        Assert.Equal(1, audit.ExitCode);
        Assert.Contains("DAMAGED", audit.Output);
        Assert.Contains("root you kept: DIFFERENT", audit.Output);
    }

    [Fact]
    public async Task The_anomalies_of_a_run_are_those_that_it_said_itself()
    {
        ProcessOutcome anomalies = await FedValueProcess.RunAsync(_run.Folder.Path, "anomalies", "run", "--json");
        JsonNode said = JsonNode.Parse(File.ReadAllText(_run.Folder["run/run.json"]))!["result"]!["anomalies"]!;
        Assert.NotEmpty(said["scores"]!.AsArray());
        Assert.True(JsonNode.DeepEquals(said, anomalies.Json), anomalies.Output);
    }

    [Fact]
    public async Task An_audit_writes_nothing()
    {
        SortedDictionary<string, (long Length, DateTime Written)> before = _run.Everything("run");
        await FedValueProcess.RunAsync(_run.Folder.Path, "audit", "run", "--recompute");
        Assert.Equal(before, _run.Everything("run"));
    }

    [Fact]
    public async Task A_damaged_blob_a_missing_blob_and_a_damaged_root_are_found()
    {
        string blob = Directory.EnumerateFiles(_run.Copy("blob"), "*", SearchOption.AllDirectories).First(file => file.Contains("blobs"));
        byte[] content = File.ReadAllBytes(blob);
        File.WriteAllBytes(blob, [.. content[..^1], (byte)(content[^1] ^ 1)]);
        await FoundAsync("blob", "the first wrong entry is");

        File.Delete(blob);
        await FoundAsync("blob", "the first wrong entry is");

        _run.Copy("root");
        File.WriteAllText(_run.Folder["root/root.txt"], $"7 {_run.Root}\n");
        await FoundAsync("root", "DAMAGED");
        File.Delete(_run.Folder["root/root.txt"]);
        await FoundAsync("root", "root.txt");
    }

    [Fact]
    public async Task A_ledger_file_that_is_no_database_or_cut_short_is_damaged_not_a_crash()
    {
        string ledger = Path.Combine(_run.Copy("cut"), "ledger.sqlite");
        byte[] content = File.ReadAllBytes(ledger);
        File.WriteAllBytes(ledger, content[..(content.Length / 2)]);
        await FoundAsync("cut", "DAMAGED");
        File.WriteAllText(ledger, "no database");
        await FoundAsync("cut", "DAMAGED");
        File.WriteAllText(ledger, "");
        await FoundAsync("cut", "DAMAGED");
    }

    async Task FoundAsync(string folder, string part)
    {
        ProcessOutcome audit = await FedValueProcess.RunAsync(_run.Folder.Path, "audit", folder);
        Assert.Equal(1, audit.ExitCode);
        Assert.Contains(part, audit.Output);
        Assert.DoesNotContain("consistent in itself", audit.Output);
    }

    /// <summary>One small run that all tests audit.</summary>
    public sealed class Run : IAsyncLifetime
    {
        internal TemporaryFolder Folder { get; } = new();

        internal string Root => File.ReadAllText(Folder["run/root.txt"]).Trim().Split(' ')[1];

        public async Task InitializeAsync()
        {
            ProcessOutcome run = await FedValueProcess.RunAsync(Folder.Path, [.. SmallRun.Arguments, "--out", "run"]);
            Assert.True(run.ExitCode == 0, run.Error);
        }

        public Task DisposeAsync()
        {
            Folder.Dispose();
            return Task.CompletedTask;
        }

        internal string Copy(string name)
        {
            foreach (string file in Directory.EnumerateFiles(Folder["run"], "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(Folder[name], Path.GetRelativePath(Folder["run"], file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
            return Folder[name];
        }

        /// <summary>A copy whose root.txt belongs to other entries.</summary>
        internal string Rewritten(string name, IReadOnlyList<byte[]> entries)
        {
            string folder = Copy(name);
            WriteRoot(folder, entries);
            return folder;
        }

        internal static void WriteRoot(string folder, IReadOnlyList<byte[]> entries)
        {
            var tree = new MerkleTree();
            foreach (byte[] entry in entries)
                tree.Append(entry);
            File.WriteAllText(Path.Combine(folder, "root.txt"), $"{tree.Size} {tree.Root}\n", new UTF8Encoding(false));
        }

        internal SortedDictionary<string, (long Length, DateTime Written)> Everything(string name) =>
            new(new DirectoryInfo(Folder[name]).EnumerateFiles("*", SearchOption.AllDirectories)
                .ToDictionary(file => file.FullName, file => (file.Length, file.LastWriteTimeUtc)));

        internal async Task<List<byte[]>> EntriesAsync()
        {
            await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Folder["run/ledger.sqlite"]);
            var entries = new List<byte[]>();
            await foreach (LedgerEntry entry in ledger.ReadAsync(0))
                entries.Add(entry.Bytes.ToArray());
            return entries;
        }
    }
}
