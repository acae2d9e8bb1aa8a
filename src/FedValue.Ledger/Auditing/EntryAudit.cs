using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Auditing;

/// <summary>Follows the entries of a ledger: places, leaf hashes and the root always, events until the first wrong entry.</summary>
sealed class EntryAudit(EventAudit events, long? publishedSize)
{
    // A ledger that is wrong everywhere would otherwise fill the memory with findings.
    const int FindingsMax = 100;
    readonly MerkleTree _tree = new();
    readonly List<AuditFinding> _findings = [];

    public IReadOnlyList<AuditFinding> Findings => _findings;

    public TreeHead Head => _tree.Head;

    /// <summary>Whether every entry so far had its place and its leaf hash.</summary>
    public bool IsTreeWhole { get; private set; } = true;

    /// <summary>The index that the next entry must have.</summary>
    public long Next { get; private set; }

    public FederationState? State => events.State.Created is null ? null : events.State;

    /// <summary>The root when the tree had the published size; null when it never had.</summary>
    public Digest? RootAtPublishedSize { get; private set; } = publishedSize == 0 ? MerkleHash.Empty : null;

    public async ValueTask LookAtAsync(LedgerEntry entry, CancellationToken ct)
    {
        Digest leafHash = _tree.Append(entry.Bytes.Span);
        if (_tree.Size == publishedSize)
            RootAtPublishedSize = _tree.Root;
        long place = Next;
        Next = entry.Index + 1;
        string? misplaced = entry.Index != place ? $"Expected entry {place} next, but entry {entry.Index} came."
            : leafHash != entry.LeafHash ? $"Expected bytes with the stored leaf hash {entry.LeafHash}, but they have {leafHash}."
            : null;
        IsTreeWhole &= misplaced is null;
        if (misplaced is not null)
            Add(place, misplaced);
        else if (_findings.Count == 0 && await events.ProblemAsync(entry.Bytes, ct) is { } problem)
            Add(place, problem);
    }

    void Add(long entry, string problem)
    {
        if (_findings.Count < FindingsMax)
            _findings.Add(new AuditFinding(entry, problem));
    }
}
