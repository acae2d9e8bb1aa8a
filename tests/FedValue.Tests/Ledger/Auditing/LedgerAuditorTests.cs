using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Auditing;

public class LedgerAuditorTests
{
    [Fact]
    public async Task An_honest_ledger_has_no_findings()
    {
        Audits audits = await Audits.CreateAsync();
        AuditReport report = await LedgerAuditor.AuditAsync(
            new DoctoredLedger(audits.Entries), audits.Blobs, audits.Head, audits.Head.Root);
        Assert.Empty(report.Findings);
        Assert.True(report.IsClean);
        Assert.Null(report.FirstWrongEntry);
        Assert.Equal(audits.Head, report.Head);
        Assert.Equal([750, 667, 333, 250], report.State!.Balances.Values);
    }

    [Fact]
    public async Task A_ledger_in_SQLite_with_blobs_in_a_folder_is_audited_from_a_copy()
    {
        using TemporaryFolder folder = new();
        DirectoryBlobStore blobs = new(folder["blobs"]);
        Audits audits = await Audits.CreateAsync(blobs);
        TreeHead head;
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(folder["ledger.db"]))
        {
            LedgerWriter writer = await LedgerWriter.OpenAsync(store);
            await writer.AppendAsync(audits.Federation.Events);
            head = writer.Head;
        }

        SortedDictionary<string, byte[]> before = folder.Files();
        await using (SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(folder["ledger.db"]))
            Assert.Empty((await LedgerAuditor.AuditAsync(copy, blobs, head, head.Root)).Findings);
        Assert.Equal(before, folder.Files());
    }

    [Fact]
    public async Task An_empty_ledger_is_a_finding()
    {
        AuditReport report = await LedgerAuditor.AuditAsync(new InMemoryLedgerStore(), new InMemoryBlobStore());
        Assert.Contains("no entries", Assert.Single(report.Findings).Problem);
        Assert.Null(report.State);
        Assert.Equal(new TreeHead(0, MerkleHash.Empty), report.Head);
    }

    [Fact]
    public async Task The_published_head_and_the_kept_root_are_separate_findings()
    {
        Audits audits = await Audits.CreateAsync();
        Digest stranger = Digest.Of("stranger"u8);
        AuditReport both = await LedgerAuditor.AuditAsync(
            new DoctoredLedger(audits.Entries), audits.Blobs, audits.Head with { Root = stranger }, stranger);
        Assert.Equal(2, both.Findings.Count);
        Assert.Contains("published root", both.Findings[0].Problem);
        Assert.Contains("kept root", both.Findings[1].Problem);
        Assert.All(both.Findings, finding => Assert.Null(finding.Entry));
        Assert.Null(both.FirstWrongEntry);

        AuditReport kept = await LedgerAuditor.AuditAsync(
            new DoctoredLedger(audits.Entries), audits.Blobs, audits.Head, stranger);
        Assert.Contains("kept root", Assert.Single(kept.Findings).Problem);
    }

    [Fact]
    public async Task A_ledger_longer_than_its_published_head_is_told_from_a_rewritten_one()
    {
        Audits audits = await Audits.CreateAsync();
        MerkleTree tree = new();
        foreach (LedgerEntry entry in audits.Entries.SkipLast(2))
            tree.Append(entry.Bytes.Span);
        Assert.Contains("others were not published", await ProblemAsync(tree.Head));
        Assert.Contains("others were not published", await ProblemAsync(new TreeHead(0, MerkleHash.Empty)));
        Assert.Contains("do not begin with", await ProblemAsync(tree.Head with { Size = tree.Size - 1 }));

        async Task<string> ProblemAsync(TreeHead published) => Assert.Single(
            (await LedgerAuditor.AuditAsync(new DoctoredLedger(audits.Entries), audits.Blobs, published)).Findings).Problem;
    }

    [Fact]
    public async Task A_ledger_shorter_than_its_published_head_lacks_the_entry_after_its_last()
    {
        Audits audits = await Audits.CreateAsync();
        for (int size = 1; size < audits.Entries.Count; size++)
        {
            AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(audits.Entries.Take(size)), audits.Blobs, audits.Head);
            Assert.Equal(size, report.FirstWrongEntry);
            Assert.Equal(
                $"The published head has {audits.Head.Size} entries, but the ledger ends before entry {size}: that entry is missing.",
                Assert.Single(report.Findings).Problem);
            Assert.False(report.IsTreeWhole);
        }
    }

    [Fact]
    public async Task The_tree_is_whole_whatever_the_entries_say_when_their_hashes_and_roots_match()
    {
        Audits audits = await Audits.CreateAsync();
        List<byte[]> nonsense = audits.Bytes;
        nonsense[2] = [1, 2, 3];
        Assert.True((await audits.AloneAsync(DoctoredLedger.Consistent(nonsense))).IsTreeWhole);
        Assert.False((await audits.PublishedAsync(nonsense)).IsTreeWhole);
        Assert.False((await audits.KeptAsync(nonsense)).IsTreeWhole);
        Assert.False((await audits.AloneAsync(new DoctoredLedger(audits.Entries.Skip(1)))).IsTreeWhole);
        Assert.False((await audits.AloneAsync(new DoctoredLedger(audits.Entries) { FailsAfter = 3 })).IsTreeWhole);
        List<LedgerEntry> wrongLeaf = [.. audits.Entries];
        wrongLeaf[5] = wrongLeaf[5] with { LeafHash = Digest.Of("another"u8) };
        Assert.False((await audits.AloneAsync(new DoctoredLedger(wrongLeaf))).IsTreeWhole);
    }

    [Fact]
    public async Task Values_of_another_length_than_one_number_per_update_are_found_whether_they_pay_or_not()
    {
        Audits audits = await Audits.CreateAsync();
        int index = audits.Federation.IndexOf<RoundValued>();
        RoundValued valued = audits.Federation.Event<RoundValued>();
        byte[][] blobs = ["junk"u8.ToArray(), [], DoubleBlob.Write([1, 2]), DoubleBlob.Write([1, 2, 3, 4]), DoubleBlob.Write([1, 2, 3])[1..]];
        foreach ((int method, byte[] blob) in Enumerable.Range(0, valued.Valuations.Count).SelectMany(m => blobs.Select(blob => (m, blob))))
        {
            MethodValuation[] valuations = [.. valued.Valuations];
            valuations[method] = valuations[method] with { Values = await audits.Blobs.PutAsync(blob) };
            AuditReport report = await audits.AloneAsync(
                DoctoredLedger.Consistent(audits.With(index, valued with { Valuations = valuations })));
            Assert.Equal(index, report.FirstWrongEntry);
            Assert.Contains($"the values of '{valuations[method].Method}' of 24 bytes", Assert.Single(report.Findings).Problem);
        }
    }

    [Fact]
    public async Task A_store_that_fails_is_a_finding_and_not_an_exception()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            AuditReport report = await audits.AloneAsync(new DoctoredLedger(audits.Entries) { FailsAfter = i });
            AuditFinding finding = Assert.Single(report.Findings);
            Assert.Contains($"past its first {i} entries: the disk is gone", finding.Problem);
            Assert.Null(report.FirstWrongEntry);
            Assert.Equal(i, report.Head.Size);
        }
    }

    [Fact]
    public async Task A_blob_store_that_fails_is_a_finding_and_not_an_exception()
    {
        Audits audits = await Audits.CreateAsync();
        AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(audits.Entries), new BrokenBlobStore());
        AuditFinding finding = Assert.Single(report.Findings);
        Assert.Equal(0, finding.Entry);
        Assert.Contains("the cable is cut", finding.Problem);
    }

    [Fact]
    public async Task A_missing_blob_is_found_at_the_first_entry_that_names_it()
    {
        Audits audits = await Audits.CreateAsync();
        foreach (byte[] missing in audits.Federation.Blobs)
        {
            InMemoryBlobStore blobs = new();
            foreach (byte[] blob in audits.Federation.Blobs.Where(blob => blob != missing))
                await blobs.PutAsync(blob);
            AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(audits.Entries), blobs, audits.Head);
            AuditFinding finding = Assert.Single(report.Findings);
            Assert.Equal(audits.FirstNaming(Digest.Of(missing)), finding.Entry);
            Assert.Contains($"{Digest.Of(missing)} is missing", finding.Problem);
        }
    }

    [Fact]
    public async Task An_update_of_another_length_than_its_entry_says_is_found()
    {
        Audits audits = await Audits.CreateAsync();
        int index = audits.Federation.IndexOf<UpdateAccepted>();
        UpdateAccepted accepted = audits.Federation.Event<UpdateAccepted>();
        AuditReport report = await audits.AloneAsync(
            DoctoredLedger.Consistent(audits.With(index, accepted with { Bytes = accepted.Bytes + 1 })));
        Assert.Equal(index, report.FirstWrongEntry);
        Assert.Contains("Expected an update of 13 bytes, but the blob", Assert.Single(report.Findings).Problem);
    }

    [Fact]
    public async Task A_second_auditor_sees_every_event_in_order_after_it_was_applied()
    {
        Audits audits = await Audits.CreateAsync();
        List<string> seen = [];
        AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(audits.Entries), audits.Blobs, recompute: (e, state, _) =>
        {
            seen.Add(e.GetType().Name);
            Assert.Equal(seen.Count(name => name == nameof(ParticipantEnrolled)), state.Participants.Count);
            return ValueTask.FromResult<string?>(null);
        });
        Assert.Empty(report.Findings);
        Assert.Equal(audits.Federation.Events.Select(e => e.GetType().Name), seen);
    }

    [Fact]
    public async Task What_a_second_auditor_finds_is_a_finding_and_ends_the_folding()
    {
        Audits audits = await Audits.CreateAsync();
        int calls = 0;
        ValueTask<string?> Recompute(LedgerEvent e, FederationState state, CancellationToken ct)
        {
            calls++;
            return ValueTask.FromResult(e is RoundValued ? "These are not the values." : null);
        }

        AuditReport report = await LedgerAuditor.AuditAsync(
            new DoctoredLedger(audits.Entries), audits.Blobs, audits.Head, recompute: Recompute);
        int index = audits.Federation.IndexOf<RoundValued>();
        Assert.Equal(new AuditFinding(index, "These are not the values."), Assert.Single(report.Findings));
        Assert.Equal(index, report.FirstWrongEntry);
        Assert.Equal(index + 1, calls);
        Assert.NotNull(report.State!.Round!.Valued);
        Assert.Equal(audits.Head, report.Head);
    }

    [Fact]
    public async Task After_the_first_wrong_entry_the_leaf_hashes_are_still_checked()
    {
        Audits audits = await Audits.CreateAsync();
        List<LedgerEntry> entries = [.. audits.Entries];
        foreach (int i in new[] { 3, 5, 8 })
            entries[i] = entries[i] with { LeafHash = Digest.Of("another"u8) };
        AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(entries), audits.Blobs, audits.Head, audits.Head.Root);
        Assert.Equal([3, 5, 8], report.Findings.Select(finding => finding.Entry!.Value));
        Assert.Equal(3, report.FirstWrongEntry);
        Assert.Equal(2, report.State!.Participants.Count);
    }

    [Fact]
    public async Task A_ledger_that_is_wrong_everywhere_gives_a_bounded_report()
    {
        DoctoredLedger ledger = new(Enumerable.Range(0, 1000).Select(i => new LedgerEntry(i, new byte[] { 1 }, default)));
        AuditReport report = await LedgerAuditor.AuditAsync(ledger, new InMemoryBlobStore(), new TreeHead(0, MerkleHash.Empty));
        Assert.Equal(0, report.FirstWrongEntry);
        Assert.Equal(101, report.Findings.Count);
        Assert.Equal(1000, report.Head.Size);
    }

    [Fact]
    public async Task A_cancelled_audit_is_cancelled()
    {
        Audits audits = await Audits.CreateAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LedgerAuditor.AuditAsync(
            new DoctoredLedger(audits.Entries), audits.Blobs, ct: new CancellationToken(canceled: true)));
    }

    sealed class BrokenBlobStore : IBlobStore
    {
        public ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default) => throw new IOException();

        public ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default) => throw new IOException();

        public ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default) => throw new IOException("the cable is cut");

        public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default) => throw new IOException();
    }
}
