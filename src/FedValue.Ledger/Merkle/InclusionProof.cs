namespace FedValue.Ledger.Merkle;

/// <summary>Checks that a leaf is in a tree (RFC 9162 section 2.1.3.2).</summary>
public static class InclusionProof
{
    /// <summary>True when the proof, leaf to root, shows the leaf at this index of the tree.</summary>
    public static bool Verify(long index, Digest leafHash, TreeHead head, IReadOnlyList<Digest> proof)
    {
        if (index < 0 || index >= head.Size)
            return false;

        long node = index;
        long last = head.Size - 1;
        Digest root = leafHash;
        foreach (Digest sibling in proof)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                root = MerkleHash.Node(sibling, root);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                root = MerkleHash.Node(root, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root == head.Root;
    }
}
