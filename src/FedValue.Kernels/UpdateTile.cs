namespace FedValue.Kernels;

/// <summary>One tile of one update: its squared norm and its inner products with the same tile of k fp32 references. One worker's own.</summary>
/// <param name="references">k vectors of d floats.</param>
/// <param name="longest">The most elements of a tile.</param>
sealed class UpdateTile(IReadOnlyList<float[]> references, int longest = TileSchedule.TileLength)
{
    readonly double[] _row = new double[UpdateRows.RoundUp(longest)];
    readonly float[] _padded = new float[references.Count == 0 ? 0 : 4 * TileSchedule.TileLength];
    readonly float[] _zeros = new float[references.Count == 0 ? 0 : TileSchedule.TileLength];

    /// <summary>Throws when a reference has another length than the models.</summary>
    public static void ThrowIfUnfit(IReadOnlyList<float[]> references, int length)
    {
        foreach (float[] reference in references)
        {
            if (reference.Length != length)
                throw new ArgumentException($"The updates have {length} weights, but a reference has {reference.Length}.", nameof(references));
        }
    }

    /// <summary>sum[0] += ||x||^2, sum[1 + k] += x . reference k, for x = model - origin; start is where the tile begins in the references.</summary>
    public void Add(ReadOnlySpan<float> model, ReadOnlySpan<float> origin, int start, Span<double> sum)
    {
        int length = model.Length;
        Span<double> row = _row.AsSpan(0, UpdateRows.RoundUp(length));
        UpdateRows.Difference(model, origin, row);
        row[length..].Clear();
        sum[0] += Lanes.Dot(row, row);
        for (int k = 0; k < references.Count; k += 4)
        {
            // A reference is a row whose origin is 0: x . reference = reference . x, to the bit.
            int last = Math.Min(k + 3, references.Count - 1);
            Lanes.Project(
                new FourRows(_zeros.AsSpan(0, row.Length), Part(k, 0), Part(Math.Min(k + 1, last), 1), Part(Math.Min(k + 2, last), 2),
                    Part(last, 3), last - k + 1),
                row, sum[(1 + k)..]);
        }

        ReadOnlySpan<float> Part(int reference, int place)
        {
            ReadOnlySpan<float> part = references[reference].AsSpan(start, length);
            if (length % TileSchedule.Lanes == 0)
                return part;
            Span<float> padded = _padded.AsSpan(place * TileSchedule.TileLength, UpdateRows.RoundUp(length));
            part.CopyTo(padded);
            padded[length..].Clear();
            return padded;
        }
    }
}
