using System.Numerics;

namespace FedValue.Ledger.Merkle;

/// <summary>A growing RFC 6962 tree that keeps the root of every perfect subtree, so that proofs cost O(log^2 n) hashes.</summary>
/// <remarks>For one caller at a time. Two digests of memory per leaf.</remarks>
public sealed class MerkleProver
{
    // _levels[l][i] is the root over the leaves i * 2^l .. (i + 1) * 2^l - 1.
    readonly List<List<Digest>> _levels = [[]];

    /// <summary>How many leaves were appended.</summary>
    public long Size => _levels[0].Count;

    /// <summary>Size and root over all leaves.</summary>
    public TreeHead Head => HeadAt(Size);

    /// <summary>The hash of the leaf at an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public Digest this[long index] => _levels[0][checked((int)index)];

    /// <summary>Appends a leaf by its hash.</summary>
    public void Append(Digest leafHash)
    {
        Digest node = leafHash;
        for (int level = 0; ; level++)
        {
            if (level == _levels.Count)
                _levels.Add([]);
            List<Digest> row = _levels[level];
            row.Add(node);
            if (row.Count % 2 == 1)
                return;
            node = MerkleHash.Node(row[^2], row[^1]);
        }
    }

    /// <summary>The head the tree had at an earlier size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not 0 .. <see cref="Size"/>.</exception>
    public TreeHead HeadAt(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return new TreeHead(size, size == 0 ? MerkleHash.Empty : RootOf(0, size));
    }

    /// <summary>The inclusion proof of a leaf in the tree of a size, from leaf to root.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt;= index &lt; size &lt;= <see cref="Size"/>.</exception>
    public IReadOnlyList<Digest> ProveInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        List<Digest> proof = [];
        AddPath(proof, index, 0, size);
        return proof;
    }

    /// <summary>The proof that the tree of the newer size begins with the tree of the older size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 &lt;= older &lt;= newer &lt;= <see cref="Size"/>.</exception>
    public IReadOnlyList<Digest> ProveConsistency(long olderSize, long newerSize)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newerSize, Size);
        ArgumentOutOfRangeException.ThrowIfLessThan(olderSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(olderSize, newerSize);
        List<Digest> proof = [];
        AddSubproof(proof, olderSize, 0, newerSize, known: true);
        return proof;
    }

    void AddPath(List<Digest> proof, long index, long begin, long end)
    {
        if (end - begin == 1)
            return;
        long middle = Middle(begin, end);
        if (index < middle)
        {
            AddPath(proof, index, begin, middle);
            proof.Add(RootOf(middle, end));
        }
        else
        {
            AddPath(proof, index, middle, end);
            proof.Add(RootOf(begin, middle));
        }
    }

    // The verifier already knows the root over begin .. end as long as it is the whole older tree.
    void AddSubproof(List<Digest> proof, long olderSize, long begin, long end, bool known)
    {
        if (olderSize == end)
        {
            if (!known)
                proof.Add(RootOf(begin, end));
            return;
        }

        long middle = Middle(begin, end);
        if (olderSize <= middle)
        {
            AddSubproof(proof, olderSize, begin, middle, known);
            proof.Add(RootOf(middle, end));
        }
        else
        {
            AddSubproof(proof, olderSize, middle, end, known: false);
            proof.Add(RootOf(begin, middle));
        }
    }

    Digest RootOf(long begin, long end)
    {
        long count = end - begin;
        if (BitOperations.IsPow2(count))
        {
            int level = BitOperations.Log2((ulong)count);
            return _levels[level][(int)(begin >> level)];
        }

        long middle = Middle(begin, end);
        return MerkleHash.Node(RootOf(begin, middle), RootOf(middle, end));
    }

    // The left subtree holds the largest power of two of leaves that is smaller than the whole.
    static long Middle(long begin, long end) => begin + (1L << BitOperations.Log2((ulong)(end - begin - 1)));
}
