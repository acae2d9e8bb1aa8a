using System.Runtime.CompilerServices;
using FedValue.Ledger.Merkle;

namespace FedValue.Ledger.Storage;

/// <summary>A ledger that lives as long as the process: for simulations and tests.</summary>
public sealed class InMemoryLedgerStore : ILedgerStore
{
    readonly Lock _lock = new();
    readonly List<LedgerEntry> _entries = [];

    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock)
            return ValueTask.FromResult((long)_entries.Count);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default)
    {
        LedgerEntry.CheckLengths(entries);
        ct.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_entries.Count != expectedSize)
                throw new LedgerConflictException(expectedSize, _entries.Count);
            foreach (ReadOnlyMemory<byte> entry in entries)
                _entries.Add(new LedgerEntry(_entries.Count, entry.ToArray(), MerkleHash.Leaf(entry.Span)));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(long from, [EnumeratorCancellation] CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        long end = await SizeAsync(ct);
        for (long index = from; index < end; index++)
        {
            ct.ThrowIfCancellationRequested();
            LedgerEntry entry;
            lock (_lock)
                entry = _entries[(int)index];
            yield return entry;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
