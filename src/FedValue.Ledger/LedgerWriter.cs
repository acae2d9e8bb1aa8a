using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger;

/// <summary>The one way to append to a ledger: only events that may follow, all or none, each with its receipt.</summary>
/// <remarks>
/// For one caller at a time. Several writers may share a store: the one that loses a race gets a <see cref="LedgerConflictException"/>,
/// knows by then what the other one wrote, and may try again.
/// </remarks>
public sealed class LedgerWriter
{
    readonly ILedgerStore _store;
    readonly MerkleProver _tree = new();

    LedgerWriter(ILedgerStore store) => _store = store;

    /// <summary>What the ledger says; every append makes another one.</summary>
    public FederationState State { get; private set; } = new();

    /// <summary>Size and root of the ledger.</summary>
    public TreeHead Head => _tree.Head;

    /// <summary>Reads a ledger from its first entry and stands ready to append.</summary>
    /// <exception cref="LedgerFormatException">An entry is damaged.</exception>
    /// <exception cref="LedgerOrderException">The entries break a rule of order.</exception>
    public static async Task<LedgerWriter> OpenAsync(ILedgerStore store, CancellationToken ct = default)
    {
        LedgerWriter writer = new(store);
        await writer.CatchUpAsync(ct);
        return writer;
    }

    /// <summary>Appends events and returns their receipts, when all of them may follow; otherwise nothing happens.</summary>
    /// <exception cref="LedgerOrderException">One of them cannot follow those before it.</exception>
    /// <exception cref="LedgerFormatException">One of them is too long for an entry.</exception>
    /// <exception cref="LedgerConflictException">Somebody else appended; this writer has read it, so decide anew and try again.</exception>
    public async Task<IReadOnlyList<Receipt>> AppendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken ct = default)
    {
        FederationState state = State.Clone();
        List<ReadOnlyMemory<byte>> entries = [];
        foreach (LedgerEvent ledgerEvent in events)
        {
            byte[] bytes = EventJson.Serialize(ledgerEvent);
            // What is folded is what will be read, not what was meant.
            state.Apply(EventJson.Parse(bytes));
            entries.Add(bytes);
        }

        long first = _tree.Size;
        try
        {
            await _store.AppendAsync(first, entries, ct);
        }
        catch (LedgerConflictException)
        {
            await CatchUpAsync(ct);
            throw;
        }

        foreach (ReadOnlyMemory<byte> entry in entries)
            _tree.Append(MerkleHash.Leaf(entry.Span));
        State = state;
        return [.. entries.Select((_, i) => ReceiptFor(first + i))];
    }

    /// <summary>The receipt of an entry in the tree as it is now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    public Receipt ReceiptFor(long index)
    {
        IReadOnlyList<Digest> proof = _tree.ProveInclusion(index, _tree.Size);
        return new Receipt(index, _tree[index], Head, proof);
    }

    /// <summary>
    /// The head that the ledger had at a size (null: has now), and the proof that it then began with what it was at an earlier size; null when it
    /// never had those sizes, 1 or more, in that order.
    /// </summary>
    public (TreeHead Head, IReadOnlyList<Digest> Proof)? Consistency(long olderSize, long? newerSize = null)
    {
        long newer = newerSize ?? _tree.Size;
        return olderSize < 1 || olderSize > newer || newer > _tree.Size ? null
            : (_tree.HeadAt(newer), _tree.ProveConsistency(olderSize, newer));
    }

    /// <summary>Reads what others have appended since.</summary>
    /// <exception cref="LedgerFormatException">An entry is damaged, or there are fewer entries than there were.</exception>
    public async Task CatchUpAsync(CancellationToken ct = default)
    {
        long size = await _store.SizeAsync(ct);
        if (size == _tree.Size)
            return;
        if (size < _tree.Size)
        {
            throw new LedgerFormatException(
                $"The ledger had {_tree.Size} entries, but now it has {size}: it was set back. Append nothing; restore what is missing.");
        }

        State = State.Clone();
        await foreach (LedgerEntry entry in _store.ReadAsync(_tree.Size, ct))
        {
            if (entry.Index != _tree.Size)
                throw new LedgerFormatException($"Expected entry {_tree.Size} next, but entry {entry.Index} came: restore a copy.");
            if (entry.LeafHash != MerkleHash.Leaf(entry.Bytes.Span))
                throw new LedgerFormatException($"Entry {entry.Index} of the ledger does not match its leaf hash: restore a copy.");
            State.Apply(EventJson.Parse(entry.Bytes.Span));
            _tree.Append(entry.LeafHash);
        }
    }
}
