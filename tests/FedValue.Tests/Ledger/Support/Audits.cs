using FedValue.Contracts.Ledger;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Support;

/// <summary>The small federation as an auditor meets it: entries, blobs, and the head that was published.</summary>
sealed class Audits
{
    Audits(SmallFederation federation, IReadOnlyList<LedgerEntry> entries, IBlobStore blobs, TreeHead head) =>
        (Federation, Entries, Blobs, Head) = (federation, entries, blobs, head);

    public SmallFederation Federation { get; }

    public IReadOnlyList<LedgerEntry> Entries { get; }

    public IBlobStore Blobs { get; }

    public TreeHead Head { get; }

    /// <summary>The bytes of the entries, for somebody who is about to change them.</summary>
    public List<byte[]> Bytes => [.. Entries.Select(entry => entry.Bytes.ToArray())];

    public static async Task<Audits> CreateAsync(IBlobStore? blobs = null, PaymentTerms? payment = null)
    {
        SmallFederation federation = new(payment);
        InMemoryLedgerStore store = await federation.LedgerAsync();
        LedgerWriter writer = await LedgerWriter.OpenAsync(store);
        await federation.PutBlobsAsync(blobs ??= new InMemoryBlobStore());
        return new Audits(federation, await StoredEntries.ReadAsync(store), blobs, writer.Head);
    }

    /// <summary>What the auditor says when nothing but the entries is at hand.</summary>
    public Task<AuditReport> AloneAsync(ILedgerStore ledger) => LedgerAuditor.AuditAsync(ledger, Blobs);

    /// <summary>What the auditor says about entries whose leaf hashes match, with the published head beside them.</summary>
    public Task<AuditReport> PublishedAsync(IEnumerable<byte[]> entries) =>
        LedgerAuditor.AuditAsync(DoctoredLedger.Consistent(entries), Blobs, published: Head);

    /// <summary>The same, when the head beside the ledger was changed too, but the auditor kept the root.</summary>
    public Task<AuditReport> KeptAsync(IReadOnlyCollection<byte[]> entries)
    {
        MerkleTree tree = new();
        foreach (byte[] entry in entries)
            tree.Append(entry);
        return LedgerAuditor.AuditAsync(DoctoredLedger.Consistent(entries), Blobs, published: tree.Head, kept: Head.Root);
    }

    /// <summary>The first entry that names a blob.</summary>
    public int FirstNaming(Digest blob) =>
        Enumerable.Range(0, Federation.Events.Count).First(i => EventBlobs.NamedBy(Federation.Events[i]).Contains(blob));

    /// <summary>The bytes of the entries with one event replaced.</summary>
    public List<byte[]> With(int index, LedgerEvent replacement)
    {
        List<byte[]> bytes = Bytes;
        bytes[index] = EventJson.Serialize(replacement);
        return bytes;
    }
}
