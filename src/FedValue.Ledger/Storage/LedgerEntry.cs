namespace FedValue.Ledger.Storage;

/// <summary>One entry as a store holds it.</summary>
/// <param name="Index">Its place: 0, 1, 2, ...</param>
/// <param name="Bytes">Exactly the bytes that were appended.</param>
/// <param name="LeafHash">The leaf hash stored beside the bytes, not recomputed from them.</param>
public sealed record LedgerEntry(long Index, ReadOnlyMemory<byte> Bytes, Digest LeafHash)
{
    /// <summary>The most bytes an entry may have: what a 16-bit length can say, as in the entry bundles of C2SP tlog-tiles.</summary>
    public const int LengthMax = ushort.MaxValue;

    internal static void CheckLengths(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            if (entry.Length is 0 or > LengthMax)
                throw new ArgumentException($"A ledger entry has 1 to {LengthMax} bytes, but one of {entry.Length} came.", nameof(entries));
        }
    }
}
