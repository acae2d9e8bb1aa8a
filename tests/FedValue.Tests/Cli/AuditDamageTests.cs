using FedValue.Cli.Commands;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

/// <summary>What the audit of a run folder says about changed ledgers whose hashes and root were made to match, and about the files beside.</summary>
public sealed class AuditDamageTests(AuditCommandTests.Run run) : IClassFixture<AuditCommandTests.Run>
{
    [Fact]
    public async Task A_flipped_byte_of_the_first_entry_is_damage_even_where_it_names_another_arithmetic()
    {
        List<byte[]> bytes = await run.EntriesAsync();
        LedgerEntry[] entries = [.. bytes.Select((entry, i) => new LedgerEntry(i, entry, MerkleHash.Leaf(entry)))];
        for (int position = 0; position < bytes[0].Length; position++)
        {
            byte[] flipped = [.. bytes[0]];
            flipped[position] ^= 3; // 1 becomes 2
            entries[0] = entries[0] with { Bytes = flipped };
            AuditOutcome outcome = await new RunAudit(run.Folder["run"], new DoctoredLedger(entries), null).RunAsync(true, default);
            Assert.Equal(0, outcome.Report.FirstWrongEntry);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_arithmetic_is_refused_once_the_roots_are_those_expected_and_damage_before(bool recompute)
    {
        List<byte[]> entries = await run.EntriesAsync();
        var created = (FederationCreated)EventJson.Parse(entries[0]);
        foreach (int numerics in new[] { 0, -1, Numerics.Version - 1, Numerics.Version + 1, int.MaxValue })
        {
            entries[0] = EventJson.Serialize(created with { Numerics = numerics });
            string folder = run.Rewritten("numerics", entries);
            UsageException refused = await Assert.ThrowsAsync<UsageException>(() => AuditAsync(folder, entries, recompute));
            Assert.Contains($"numerics {numerics}", refused.Message);

            File.WriteAllText(Path.Combine(folder, "root.txt"), $"{entries.Count} {run.Root}\n");
            Assert.False((await AuditAsync(folder, entries, recompute)).Report.IsClean);
            File.Delete(Path.Combine(folder, "root.txt"));
            Assert.False((await AuditAsync(folder, entries, recompute)).Report.IsClean);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_cohort_that_was_not_drawn_is_found_by_recomputing()
    {
        List<byte[]> entries = await run.EntriesAsync();
        int opening = entries.FindIndex(entry => EventJson.Parse(entry) is RoundOpened);
        var opened = (RoundOpened)EventJson.Parse(entries[opening]);
        entries[opening] = EventJson.Serialize(opened with { Cohort = [.. opened.Cohort.Skip(1)] });
        entries.RemoveRange(opening + 1, entries.Count - opening - 1);
        string folder = run.Rewritten("cohort", entries);
        File.Delete(Path.Combine(folder, "contributions.csv"));
        Assert.True((await AuditAsync(folder, entries, false)).Report.IsClean);
        AuditOutcome outcome = await AuditAsync(folder, entries, true);
        Assert.Equal(opening, outcome.Report.FirstWrongEntry);
        Assert.Contains("drawn from the seed", Assert.Single(outcome.Report.Findings).Problem);
    }

    [Fact]
    public async Task A_ledger_that_is_not_closed_is_clean_and_said_not_to_be()
    {
        List<byte[]> entries = await run.EntriesAsync();
        Assert.DoesNotContain("not closed", (await AuditAsync(run.Folder["run"], entries, false)).ToText());
        entries.RemoveAt(entries.Count - 1);
        AuditOutcome open = await AuditAsync(run.Rewritten("open", entries), entries, false);
        Assert.Contains("not closed: the federation goes on\n", open.ToText());
        Assert.False((bool)open.ToJson()["closed"]!);
        Assert.Null(open.ToJson()["openRound"]);

        int last = entries.FindLastIndex(entry => EventJson.Parse(entry) is RoundOpened);
        entries.RemoveRange(last + 1, entries.Count - last - 1);
        string folder = run.Rewritten("unpaid", entries);
        File.Delete(Path.Combine(folder, "contributions.csv"));
        AuditOutcome unpaid = await AuditAsync(folder, entries, true);
        Assert.Contains("round 5 is not paid yet", unpaid.ToText());
        Assert.Equal(5, (int)unpaid.ToJson()["openRound"]!);
    }

    [Fact]
    public async Task A_table_that_does_not_follow_from_the_ledger_is_damage_and_its_first_wrong_line_is_named()
    {
        string file = Path.Combine(run.Copy("table"), "contributions.csv");
        string[] lines = File.ReadAllLines(file);
        foreach (int line in new[] { 0, 1, lines.Length - 1 })
        {
            File.WriteAllText(file, string.Concat(lines.Select((text, i) => (i == line ? text + "1" : text) + "\n")));
            ProcessOutcome audit = await FedValueProcess.RunAsync(run.Folder.Path, "audit", "table");
            Assert.Equal(1, audit.ExitCode);
            Assert.Contains($"its line {line + 1} differs", audit.Output);
        }
        File.Delete(file);
        ProcessOutcome without = await FedValueProcess.RunAsync(run.Folder.Path, "audit", "table");
        Assert.Equal(0, without.ExitCode);
        Assert.DoesNotContain("contributions.csv", without.Output);
        Assert.Contains("not checked: run.json and report.html", without.Output);
    }

    [Fact]
    public async Task Errors_that_are_no_errors_are_found_without_recomputing()
    {
        List<byte[]> entries = await run.EntriesAsync();
        int at = entries.FindLastIndex(entry => EventJson.Parse(entry) is RoundValued);
        var valued = (RoundValued)EventJson.Parse(entries[at]);
        string folder = run.Copy("errors");
        var blobs = new DirectoryBlobStore(Path.Combine(folder, "blobs"));
        byte[][] junk = ["junk"u8.ToArray(), SafetensorsWriter.Write([Tensor.OfDoubles("replicates", [1, 1], [0.0])])];
        foreach (byte[] blob in junk)
        {
            MethodValuation last = valued.Valuations[^1] with { Errors = await blobs.PutAsync(blob) };
            entries[at] = EventJson.Serialize(valued with { Valuations = [.. valued.Valuations.SkipLast(1), last] });
            AuditCommandTests.Run.WriteRoot(folder, entries);
            AuditOutcome outcome = await AuditAsync(folder, entries, false);
            Assert.Contains("cannot be read", Assert.Single(outcome.Report.Findings).Problem);
        }
    }

    [Fact]
    public async Task Missing_blobs_are_found_and_not_made()
    {
        string folder = run.Copy("blobless");
        Directory.Delete(Path.Combine(folder, "blobs"), recursive: true);
        var before = Everything(folder);
        foreach (string[] more in (string[][])[[], ["--recompute"]])
        {
            ProcessOutcome audit = await FedValueProcess.RunAsync(run.Folder.Path, ["audit", "blobless", .. more]);
            Assert.Equal(1, audit.ExitCode);
            Assert.Contains("the first wrong entry is 0", audit.Output);
            Assert.Equal(before, Everything(folder));
        }
    }

    [Fact]
    public async Task A_machine_without_room_for_a_copy_is_not_called_damage()
    {
        var nowhere = new Dictionary<string, string> { ["TMPDIR"] = run.Folder["absent"], ["TMP"] = run.Folder["absent"] };
        ProcessOutcome audit = await FedValueProcess.RunAsync(run.Folder.Path, nowhere, "audit", "run");
        Assert.Equal(2, audit.ExitCode);
        Assert.Contains("temporary folder", audit.Sentence);
        Assert.Contains("says nothing about the ledger", audit.Sentence);
    }

    [Fact]
    public async Task A_kept_root_may_be_written_in_capitals()
    {
        ProcessOutcome audit = await FedValueProcess.RunAsync(run.Folder.Path, "audit", "run", "--root", run.Root.ToUpperInvariant());
        Assert.Equal(0, audit.ExitCode);
        Assert.Contains("the root you kept: equal", audit.Output);
    }

    static Task<AuditOutcome> AuditAsync(string folder, IEnumerable<byte[]> entries, bool recompute) =>
        new RunAudit(folder, DoctoredLedger.Consistent(entries), null).RunAsync(recompute, default);

    static SortedDictionary<string, DateTime> Everything(string folder) => new(Directory
        .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder)
        .ToDictionary(entry => entry, File.GetLastWriteTimeUtc));
}
