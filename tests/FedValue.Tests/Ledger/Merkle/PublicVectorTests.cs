using System.Text;
using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Merkle;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Merkle;

/// <summary>The probes of transparency-dev/merkle: mostly proofs that must be refused.</summary>
public class PublicVectorTests
{
    const string Inclusion = "ledger/merkle-proofs/inclusion.json";
    const string Consistency = "ledger/merkle-proofs/consistency.json";
    const string Tree = "ledger/rfc6962-tree.json";

    [FactWithSharedVectors(Inclusion)]
    public void Every_public_inclusion_probe_is_judged_as_published()
    {
        (string, bool)[] verdicts = [.. Cases(Inclusion).Select(probe => (Name(probe), InclusionProof.Verify(
            // Some probes have an index near 2^64: no tree is that large, and here it is negative.
            unchecked((long)probe.GetProperty("leafIdx").GetUInt64()),
            Hash(probe, "leafHash"),
            new TreeHead(unchecked((long)probe.GetProperty("treeSize").GetUInt64()), Hash(probe, "root")),
            Proof(probe))))];
        Assert.Equal(98, verdicts.Length);
        Assert.Equal(Cases(Inclusion).Select(Published), verdicts);
    }

    [FactWithSharedVectors(Consistency)]
    public void Every_public_consistency_probe_is_judged_as_published()
    {
        (string, bool)[] verdicts = [.. Cases(Consistency).Select(probe => (Name(probe), ConsistencyProof.Verify(
            new TreeHead(unchecked((long)probe.GetProperty("size1").GetUInt64()), Hash(probe, "root1")),
            new TreeHead(unchecked((long)probe.GetProperty("size2").GetUInt64()), Hash(probe, "root2")),
            Proof(probe))))];
        Assert.Equal(98, verdicts.Length);
        Assert.Equal(Cases(Consistency).Select(Published), verdicts);
    }

    [FactWithSharedVectors(Tree)]
    public void The_public_tree_has_its_published_hashes_and_proofs()
    {
        JsonElement vectors = SharedVectors.Read(Tree);
        MerkleProver tree = MerkleTreeTests.ProverOf(Texts(vectors.GetProperty("leaf_inputs")).Select(Convert.FromHexString));
        string[] roots = Texts(vectors.GetProperty("root_hash_by_tree_size_0_to_8"));
        Assert.Equal(roots, Enumerable.Range(0, roots.Length).Select(size => tree.HeadAt(size).Root.ToString()));

        foreach (JsonElement proof in vectors.GetProperty("inclusion_proofs").EnumerateArray())
        {
            (long index, long size) = (proof.GetProperty("index").GetInt64(), proof.GetProperty("size").GetInt64());
            Assert.Equal(Texts(proof.GetProperty("proof")), tree.ProveInclusion(index, size).Select(hash => hash.ToString()));
        }

        foreach (JsonElement proof in vectors.GetProperty("consistency_proofs").EnumerateArray())
        {
            (long older, long newer) = (proof.GetProperty("size1").GetInt64(), proof.GetProperty("size2").GetInt64());
            Assert.Equal(Texts(proof.GetProperty("proof")), tree.ProveConsistency(older, newer).Select(hash => hash.ToString()));
        }

        foreach (JsonElement hasher in vectors.GetProperty("hasher").EnumerateArray())
        {
            string want = hasher.GetProperty("want").GetString()!;
            if (hasher.TryGetProperty("leaf", out JsonElement leaf))
                Assert.Equal(want, MerkleHash.Leaf(Convert.FromHexString(leaf.GetString()!)).ToString());
        }
    }

    static IEnumerable<JsonElement> Cases(string file) => SharedVectors.Read(file).GetProperty("cases").EnumerateArray();

    static (string, bool) Published(JsonElement probe) => (Name(probe), !probe.GetProperty("wantErr").GetBoolean());

    static string Name(JsonElement probe) => probe.GetProperty("file").GetString()!;

    // Some probes have hashes that are not 32 bytes long, which a Digest cannot be: a digest of something else stands for them. No two
    // missing hashes are the same.
    static Digest Hash(JsonElement probe, string name)
    {
        byte[] bytes = probe.GetProperty(name).GetBytesFromBase64();
        return bytes is [] ? Digest.Of(Encoding.UTF8.GetBytes($"no {name}")) : Hash(bytes);
    }

    static Digest Hash(byte[] bytes) => bytes.Length == Digest.Length ? new Digest(bytes) : Digest.Of(bytes);

    static Digest[] Proof(JsonElement probe) => probe.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof
        ? [.. proof.EnumerateArray().Select(hash => hash.GetBytesFromBase64()).Select(Hash)]
        : [];

    static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString()!)];
}
