namespace FedValue.Ledger.Storage;

/// <summary>An append-only list of entries. Any number of callers at once; what an append returned for survives a crash.</summary>
public interface ILedgerStore : IAsyncDisposable
{
    /// <summary>How many entries the store holds.</summary>
    ValueTask<long> SizeAsync(CancellationToken ct = default);

    /// <summary>Appends all entries or none, provided that the store holds exactly as many as the caller believes.</summary>
    /// <exception cref="LedgerConflictException">The size is another one: read what is new, then try again.</exception>
    /// <exception cref="ArgumentException">An entry is empty or longer than <see cref="LedgerEntry.LengthMax"/> bytes.</exception>
    ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default);

    /// <summary>The entries from an index up to the size when the read began, in order; none when there are none.</summary>
    /// <exception cref="LedgerFormatException">What is stored cannot be an entry.</exception>
    IAsyncEnumerable<LedgerEntry> ReadAsync(long from, CancellationToken ct = default);
}
