namespace FedValue.Ledger.Storage;

/// <summary>An append expected another size than the store has: somebody else appended first. Nothing was written.</summary>
/// <param name="expected">The size that the caller expected.</param>
/// <param name="actual">The size that the store has.</param>
public sealed class LedgerConflictException(long expected, long actual)
    : Exception($"Expected a ledger of {expected} entries, but it has {actual}: read what is new, then try again.")
{
    /// <summary>The size that the caller expected.</summary>
    public long Expected { get; } = expected;

    /// <summary>The size that the store has.</summary>
    public long Actual { get; } = actual;
}
