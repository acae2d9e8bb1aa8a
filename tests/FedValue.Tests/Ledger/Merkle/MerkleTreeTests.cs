using FedValue.Ledger;
using FedValue.Ledger.Merkle;

namespace FedValue.Tests.Ledger.Merkle;

public class MerkleTreeTests
{
    const int SizeMax = 100;
    static readonly byte[][] Leaves = [.. Enumerable.Range(0, SizeMax).Select(i => new byte[] { (byte)i, (byte)(i * 3), (byte)(i >> 1) })];

    [Fact]
    public void The_reference_tree_has_the_published_roots()
    {
        MerkleTree tree = new();
        MerkleProver prover = new();
        Assert.Equal(MerkleVectors.Roots[0], tree.Root.ToString());
        for (int i = 0; i < MerkleVectors.Leaves.Length; i++)
        {
            prover.Append(tree.Append(MerkleVectors.Leaves[i]));
            Assert.Equal(MerkleVectors.Roots[i + 1], tree.Root.ToString());
            Assert.Equal(tree.Head, prover.Head);
        }

        Assert.Equal(MerkleVectors.Roots, Enumerable.Range(0, 9).Select(size => prover.HeadAt(size).Root.ToString()));
    }

    [Fact]
    public void Trees_of_every_size_have_the_root_of_the_definition()
    {
        MerkleTree tree = new();
        MerkleProver prover = new();
        for (int size = 1; size <= SizeMax; size++)
        {
            tree.AppendHash(MerkleHash.Leaf(Leaves[size - 1]));
            prover.Append(MerkleHash.Leaf(Leaves[size - 1]));
            TreeHead expected = new(size, ReferenceTree.Root(Leaves.AsSpan(0, size)));
            Assert.Equal(expected, tree.Head);
            Assert.Equal(expected, prover.Head);
        }
    }

    [Fact]
    public void A_flipped_byte_in_any_leaf_changes_the_root()
    {
        Digest root = RootOf(Leaves);
        for (int leaf = 0; leaf < SizeMax; leaf++)
        {
            for (int position = 0; position < Leaves[leaf].Length; position++)
            {
                byte[][] changed = [.. Leaves.Select(bytes => bytes.ToArray())];
                changed[leaf][position] ^= 1;
                Assert.NotEqual(root, RootOf(changed));
            }
        }
    }

    [Fact]
    public void Every_inclusion_proof_is_the_one_of_the_definition_and_is_accepted()
    {
        MerkleProver prover = ProverOf(Leaves);
        for (int size = 1; size <= SizeMax; size++)
        {
            for (int index = 0; index < size; index++)
            {
                IReadOnlyList<Digest> proof = prover.ProveInclusion(index, size);
                Assert.Equal(ReferenceTree.Path(index, Leaves.AsSpan(0, size)), proof);
                Assert.True(InclusionProof.Verify(index, prover[index], prover.HeadAt(size), proof));
            }
        }
    }

    [Fact]
    public void Every_consistency_proof_is_the_one_of_the_definition_and_is_accepted()
    {
        MerkleProver prover = ProverOf(Leaves);
        for (int newer = 1; newer <= SizeMax; newer++)
        {
            for (int older = 1; older <= newer; older++)
            {
                IReadOnlyList<Digest> proof = prover.ProveConsistency(older, newer);
                Assert.Equal(ReferenceTree.Consistency(older, Leaves.AsSpan(0, newer)), proof);
                Assert.True(ConsistencyProof.Verify(prover.HeadAt(older), prover.HeadAt(newer), proof));
            }
        }
    }

    [Fact]
    public void What_is_not_in_the_tree_cannot_be_proved()
    {
        MerkleProver prover = ProverOf(Leaves[..5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveInclusion(5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveInclusion(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveInclusion(0, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveConsistency(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveConsistency(5, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.ProveConsistency(5, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.HeadAt(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => prover.HeadAt(-1));
    }

    internal static MerkleProver ProverOf(IEnumerable<byte[]> leaves)
    {
        MerkleProver prover = new();
        foreach (byte[] leaf in leaves)
            prover.Append(MerkleHash.Leaf(leaf));
        return prover;
    }

    static Digest RootOf(IEnumerable<byte[]> leaves)
    {
        MerkleTree tree = new();
        foreach (byte[] leaf in leaves)
            tree.Append(leaf);
        return tree.Root;
    }
}
