using System.Runtime.CompilerServices;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Support;

/// <summary>A ledger in which somebody changed something: it returns whatever it was given.</summary>
sealed class DoctoredLedger(IEnumerable<LedgerEntry> entries) : ILedgerStore
{
    readonly List<LedgerEntry> _entries = [.. entries];

    /// <summary>When set, reading fails after that many entries.</summary>
    public int? FailsAfter { get; init; }

    /// <summary>Entries numbered from 0 with leaf hashes that match: what somebody who can write to the store would leave.</summary>
    public static DoctoredLedger Consistent(IEnumerable<byte[]> entries) =>
        new(entries.Select((bytes, i) => new LedgerEntry(i, bytes, MerkleHash.Leaf(bytes))));

    public ValueTask<long> SizeAsync(CancellationToken ct = default) => ValueTask.FromResult((long)_entries.Count);

    public ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default) =>
        throw new NotSupportedException("nobody appends to a doctored ledger");

    public async IAsyncEnumerable<LedgerEntry> ReadAsync(long from, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await Task.CompletedTask;
        for (int i = (int)from; i < _entries.Count; i++)
        {
            if (i == FailsAfter)
                throw new IOException("the disk is gone");
            ct.ThrowIfCancellationRequested();
            yield return _entries[i];
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
