using System.Collections.Concurrent;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Tests;

/// <summary>A ledger in memory that knows from where it was read, and fails on demand.</summary>
sealed class CountingStore : ILedgerStore
{
    readonly InMemoryLedgerStore _entries = new();
    readonly ConcurrentQueue<long> _readFrom = [];

    /// <summary>Where every reading began, in their order.</summary>
    public IReadOnlyCollection<long> ReadFrom => _readFrom;

    /// <summary>How often everything was read.</summary>
    public int WholeReads => _readFrom.Count(from => from == 0);

    public bool Fails { get; set; }

    /// <summary>Forgets all readings.</summary>
    public void Forget() => _readFrom.Clear();

    public ValueTask<long> SizeAsync(CancellationToken ct = default) =>
        Fails ? throw new IOException("The disk is broken.") : _entries.SizeAsync(ct);

    public ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default) =>
        Fails ? throw new IOException("The disk is broken.") : _entries.AppendAsync(expectedSize, entries, ct);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(long from, CancellationToken ct = default)
    {
        _readFrom.Enqueue(from);
        return _entries.ReadAsync(from, ct);
    }

    public ValueTask DisposeAsync() => _entries.DisposeAsync();
}
