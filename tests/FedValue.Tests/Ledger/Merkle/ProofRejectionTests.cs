using FedValue.Ledger;
using FedValue.Ledger.Merkle;

namespace FedValue.Tests.Ledger.Merkle;

public class ProofRejectionTests
{
    const int SizeMax = 40;
    static readonly MerkleProver Tree = MerkleTreeTests.ProverOf(Enumerable.Range(0, SizeMax).Select(i => new[] { (byte)i }));
    static readonly Digest Stranger = Digest.Of("stranger"u8);

    [Fact]
    public void An_inclusion_proof_with_any_hash_corrupted_missing_or_added_is_rejected()
    {
        for (int size = 1; size <= SizeMax; size++)
        {
            for (int index = 0; index < size; index++)
            {
                TreeHead head = Tree.HeadAt(size);
                foreach (Digest[] wrong in Corrupted(Tree.ProveInclusion(index, size)))
                    Assert.False(InclusionProof.Verify(index, Tree[index], head, wrong));
            }
        }
    }

    [Fact]
    public void An_inclusion_proof_says_nothing_about_another_leaf_index_or_head()
    {
        for (int size = 1; size <= SizeMax; size++)
        {
            for (int index = 0; index < size; index++)
            {
                TreeHead head = Tree.HeadAt(size);
                IReadOnlyList<Digest> proof = Tree.ProveInclusion(index, size);
                Assert.False(InclusionProof.Verify(index, Stranger, head, proof));
                Assert.False(InclusionProof.Verify(index, Tree[index], head with { Root = Stranger }, proof));
                foreach (long other in new long[] { -1, size, index + 1, index - 1, index ^ 2, long.MinValue, long.MaxValue })
                    Assert.False(InclusionProof.Verify(other, Tree[index], head, proof));
            }
        }
    }

    [Fact]
    public void A_proof_longer_than_the_tree_is_high_is_refused_even_when_its_hashes_fit()
    {
        for (int size = 1; size <= SizeMax; size++)
        {
            TreeHead higher = new(size, MerkleHash.Node(Stranger, Tree.HeadAt(size).Root));
            for (int index = 0; index < size; index++)
                Assert.False(InclusionProof.Verify(index, Tree[index], higher, [.. Tree.ProveInclusion(index, size), Stranger]));
            for (int older = 1; older < size; older++)
            {
                TreeHead before = new(older, MerkleHash.Node(Stranger, Tree.HeadAt(older).Root));
                Assert.False(ConsistencyProof.Verify(before, higher, [.. Tree.ProveConsistency(older, size), Stranger]));
            }
        }
    }

    [Fact]
    public void Nothing_is_in_a_tree_without_leaves()
    {
        TreeHead empty = new(0, MerkleHash.Empty);
        Assert.False(InclusionProof.Verify(0, MerkleHash.Empty, empty, []));
        Assert.False(InclusionProof.Verify(0, MerkleHash.Empty, empty with { Size = -1 }, []));
    }

    [Fact]
    public void A_consistency_proof_with_any_hash_corrupted_missing_or_added_is_rejected()
    {
        for (int newer = 1; newer <= SizeMax; newer++)
        {
            for (int older = 1; older <= newer; older++)
            {
                foreach (Digest[] wrong in Corrupted(Tree.ProveConsistency(older, newer)))
                    Assert.False(ConsistencyProof.Verify(Tree.HeadAt(older), Tree.HeadAt(newer), wrong));
            }
        }
    }

    [Fact]
    public void A_consistency_proof_says_nothing_about_other_heads()
    {
        for (int newer = 1; newer <= SizeMax; newer++)
        {
            for (int older = 1; older <= newer; older++)
            {
                (TreeHead before, TreeHead after) = (Tree.HeadAt(older), Tree.HeadAt(newer));
                IReadOnlyList<Digest> proof = Tree.ProveConsistency(older, newer);
                Assert.False(ConsistencyProof.Verify(before with { Root = Stranger }, after, proof));
                Assert.False(ConsistencyProof.Verify(before, after with { Root = Stranger }, proof));
                Assert.False(ConsistencyProof.Verify(before with { Size = older - 1 }, after, proof));
                Assert.False(ConsistencyProof.Verify(before with { Size = newer + 1 }, after, proof));
            }
        }
    }

    [Fact]
    public void An_older_tree_without_leaves_is_refused()
    {
        TreeHead empty = new(0, MerkleHash.Empty);
        Assert.False(ConsistencyProof.Verify(empty, Tree.Head, []));
        Assert.False(ConsistencyProof.Verify(empty, empty, []));
        Assert.False(ConsistencyProof.Verify(empty, Tree.Head, Tree.ProveConsistency(1, SizeMax)));
    }

    static IEnumerable<Digest[]> Corrupted(IReadOnlyList<Digest> proof)
    {
        for (int i = 0; i < proof.Count; i++)
        {
            byte[] flipped = proof[i].Bytes.ToArray();
            flipped[i % Digest.Length] ^= 0x10;
            yield return [.. proof.Take(i), new Digest(flipped), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), proof[i], .. proof.Skip(i)];
        }

        yield return [.. proof, Stranger];
        yield return [Stranger, .. proof];
    }
}
