using System.Security.Cryptography;
using FedValue.Ledger;

namespace FedValue.Tests.Ledger.Merkle;

/// <summary>RFC 6962 section 2.1 word by word: slow, recursive, without any memory.</summary>
static class ReferenceTree
{
    public static Digest Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
            return new Digest(SHA256.HashData([]));
        if (leaves.Length == 1)
            return new Digest(SHA256.HashData([0, .. leaves[0]]));
        int k = Split(leaves.Length);
        return new Digest(SHA256.HashData([1, .. Root(leaves[..k]).Bytes, .. Root(leaves[k..]).Bytes]));
    }

    public static Digest[] Path(int m, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return [];
        int k = Split(leaves.Length);
        return m < k
            ? [.. Path(m, leaves[..k]), Root(leaves[k..])]
            : [.. Path(m - k, leaves[k..]), Root(leaves[..k])];
    }

    public static Digest[] Consistency(int m, ReadOnlySpan<byte[]> leaves) => Subproof(m, leaves, true);

    static Digest[] Subproof(int m, ReadOnlySpan<byte[]> leaves, bool b)
    {
        if (m == leaves.Length)
            return b ? [] : [Root(leaves)];
        int k = Split(leaves.Length);
        return m <= k
            ? [.. Subproof(m, leaves[..k], b), Root(leaves[k..])]
            : [.. Subproof(m - k, leaves[k..], false), Root(leaves[..k])];
    }

    // The largest power of two below n.
    static int Split(int n)
    {
        int k = 1;
        while (2 * k < n)
            k *= 2;
        return k;
    }
}
