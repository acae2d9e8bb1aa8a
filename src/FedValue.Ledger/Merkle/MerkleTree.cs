namespace FedValue.Ledger.Merkle;

/// <summary>A growing RFC 6962 tree that knows its root and nothing else: 32 bytes per binary digit of its size.</summary>
/// <remarks>For one caller at a time. <see cref="MerkleProver"/> remembers enough to prove things, too.</remarks>
public sealed class MerkleTree
{
    // The roots of the perfect subtrees, largest first: one per set bit of the size.
    readonly List<Digest> _perfect = [];

    /// <summary>How many leaves were appended.</summary>
    public long Size { get; private set; }

    /// <summary>The root over all leaves.</summary>
    public Digest Root
    {
        get
        {
            if (Size == 0)
                return MerkleHash.Empty;
            Digest root = _perfect[^1];
            for (int i = _perfect.Count - 2; i >= 0; i--)
                root = MerkleHash.Node(_perfect[i], root);
            return root;
        }
    }

    /// <summary>Size and root.</summary>
    public TreeHead Head => new(Size, Root);

    /// <summary>Appends an entry and returns its leaf hash.</summary>
    public Digest Append(ReadOnlySpan<byte> data)
    {
        Digest leafHash = MerkleHash.Leaf(data);
        AppendHash(leafHash);
        return leafHash;
    }

    /// <summary>Appends an entry of which only the leaf hash is known.</summary>
    public void AppendHash(Digest leafHash)
    {
        Digest carry = leafHash;
        for (long bits = Size; (bits & 1) == 1; bits >>= 1)
        {
            carry = MerkleHash.Node(_perfect[^1], carry);
            _perfect.RemoveAt(_perfect.Count - 1);
        }

        _perfect.Add(carry);
        Size++;
    }
}
