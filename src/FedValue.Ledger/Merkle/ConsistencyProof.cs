using System.Numerics;

namespace FedValue.Ledger.Merkle;

/// <summary>Checks that a tree only grew: that the newer one begins with the older one (RFC 9162 section 2.1.4.2).</summary>
public static class ConsistencyProof
{
    /// <summary>True when the proof shows that the newer tree begins with the older one; an older tree without leaves is refused.</summary>
    /// <remarks>Every tree begins with the empty one, so such a proof says nothing; Certificate Transparency refuses it as well.</remarks>
    public static bool Verify(TreeHead older, TreeHead newer, IReadOnlyList<Digest> proof)
    {
        if (older.Size < 1 || older.Size > newer.Size)
            return false;
        if (older.Size == newer.Size)
            return proof.Count == 0 && older.Root == newer.Root;
        if (proof.Count == 0)
            return false;

        long node = older.Size - 1;
        long last = newer.Size - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        // A perfect older tree is a node of the newer one: the verifier knows its hash, so the proof leaves it out.
        bool perfect = BitOperations.IsPow2(older.Size);
        Digest olderRoot = perfect ? older.Root : proof[0];
        Digest newerRoot = olderRoot;
        for (int i = perfect ? 0 : 1; i < proof.Count; i++)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                olderRoot = MerkleHash.Node(proof[i], olderRoot);
                newerRoot = MerkleHash.Node(proof[i], newerRoot);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                newerRoot = MerkleHash.Node(newerRoot, proof[i]);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && olderRoot == older.Root && newerRoot == newer.Root;
    }
}
