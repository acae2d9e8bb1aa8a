namespace FedValue.Ledger.Merkle;

/// <summary>The hashes of an RFC 6962 tree (section 2.1) over SHA-256.</summary>
/// <remarks>Leaves and inner nodes carry different prefixes, so that no entry can pass for a node.</remarks>
public static class MerkleHash
{
    const byte LeafPrefix = 0;
    const byte NodePrefix = 1;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static Digest Empty => Digest.Of([]);

    /// <summary>The hash of a leaf: SHA-256(0x00 || data).</summary>
    public static Digest Leaf(ReadOnlySpan<byte> data)
    {
        byte[] prefixed = new byte[1 + data.Length];
        prefixed[0] = LeafPrefix;
        data.CopyTo(prefixed.AsSpan(1));
        return Digest.Of(prefixed);
    }

    /// <summary>The hash of an inner node: SHA-256(0x01 || left || right).</summary>
    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> prefixed = stackalloc byte[1 + 2 * Digest.Length];
        prefixed[0] = NodePrefix;
        left.Bytes.CopyTo(prefixed[1..]);
        right.Bytes.CopyTo(prefixed[(1 + Digest.Length)..]);
        return Digest.Of(prefixed);
    }
}
