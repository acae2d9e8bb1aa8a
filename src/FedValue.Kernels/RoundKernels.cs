using System.Buffers;

namespace FedValue.Kernels;

/// <summary>
/// What a round needs from its matrix X (n x d, see <see cref="UpdateRows"/>), in double, with bits that depend on X alone
/// (<see cref="TileSchedule"/>): not on the number of threads, not on the vector width of the machine.
/// </summary>
static class RoundKernels
{
    /// <summary>X X' (n x n, row-major): entry (i, j) is the inner product of updates i and j.</summary>
    public static double[] Gram(UpdateRows rows, int threads)
    {
        int n = rows.Count;
        double[] gram = SumOverTiles(rows.Length, n * n, threads, scratchLength: n * TileSchedule.TileLength, (tile, scratch, sum) =>
        {
            int padded = LoadAll(rows, tile, scratch);
            ReadOnlySpan<double> Row(int i) => scratch.AsSpan(i * TileSchedule.TileLength, padded);
            for (int i = 0; i < n; i += 2)
            {
                for (int j = i; j < n; j += 2)
                {
                    // The last row and column of an odd n are computed twice and stored once.
                    int i2 = Math.Min(i + 1, n - 1), j2 = Math.Min(j + 1, n - 1);
                    (double ac, double ad, double bc, double bd) = Lanes.Dot2X2(Row(i), Row(i2), Row(j), Row(j2));
                    sum[i * n + j] += ac;
                    if (j2 > j)
                        sum[i * n + j2] += ad;
                    if (i2 > i && j > i)
                        sum[i2 * n + j] += bc;
                    if (i2 > i && j2 > j)
                        sum[i2 * n + j2] += bd;
                }
            }
        });
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
                gram[i * n + j] = gram[j * n + i];
        }
        return gram;
    }

    /// <summary>The inner products of every update with one vector: X v (n).</summary>
    public static double[] InnerProducts(UpdateRows rows, double[] vector, int threads)
    {
        int n = rows.Count;
        return SumOverTiles(rows.Length, n, threads, scratchLength: 2 * TileSchedule.TileLength, (tile, scratch, sum) =>
        {
            (int start, int length) = new TileSchedule(rows.Length).ElementsOf(tile);
            int padded = UpdateRows.RoundUp(length);
            Span<double> row = scratch.AsSpan(0, padded), other = scratch.AsSpan(TileSchedule.TileLength, padded);
            vector.AsSpan(start, length).CopyTo(other);
            other[length..].Clear();
            for (int i = 0; i < n; i++)
            {
                rows.LoadTile(i, start, length, row);
                sum[i] += Lanes.Dot(row, other);
            }
        });
    }

    /// <summary>Row i: its squared norm, then its inner products with k fp32 references (1 + k numbers).</summary>
    public static double[] Measure(UpdateRows rows, int index, IReadOnlyList<float[]> references, int threads) =>
        SumOverTiles(rows.Length, 1 + references.Count, threads, scratchLength: 2 * TileSchedule.TileLength, (tile, scratch, sum) =>
        {
            (int start, int length) = new TileSchedule(rows.Length).ElementsOf(tile);
            int padded = UpdateRows.RoundUp(length);
            Span<double> row = scratch.AsSpan(0, padded), other = scratch.AsSpan(TileSchedule.TileLength, padded);
            rows.LoadTile(index, start, length, row);
            sum[0] += Lanes.Dot(row, row);
            for (int k = 0; k < references.Count; k++)
            {
                ReadOnlySpan<float> reference = references[k].AsSpan(start, length);
                for (int i = 0; i < length; i++)
                    other[i] = reference[i];
                other[length..].Clear();
                sum[1 + k] += Lanes.Dot(row, other);
            }
        });

    /// <summary>The combination sum_i coefficients[i] * row(members[i]) (d), added in the order of the members.</summary>
    public static void Combine(UpdateRows rows, ReadOnlySpan<int> members, ReadOnlySpan<double> coefficients, Span<double> combination)
    {
        var schedule = new TileSchedule(rows.Length);
        double[] scratch = ArrayPool<double>.Shared.Rent(2 * TileSchedule.TileLength);
        for (int tile = 0; tile < schedule.Tiles; tile++)
        {
            (int start, int length) = schedule.ElementsOf(tile);
            int padded = UpdateRows.RoundUp(length);
            Span<double> row = scratch.AsSpan(0, padded), sum = scratch.AsSpan(TileSchedule.TileLength, padded);
            sum.Clear();
            for (int m = 0; m < members.Length; m++)
            {
                rows.LoadTile(members[m], start, length, row);
                Lanes.AddScaled(coefficients[m], row, sum);
            }
            sum[..length].CopyTo(combination[start..]);
        }
        ArrayPool<double>.Shared.Return(scratch);
    }

    static int LoadAll(UpdateRows rows, int tile, double[] scratch)
    {
        (int start, int length) = new TileSchedule(rows.Length).ElementsOf(tile);
        for (int i = 0; i < rows.Count; i++)
            rows.LoadTile(i, start, length, scratch.AsSpan(i * TileSchedule.TileLength, TileSchedule.TileLength));
        return UpdateRows.RoundUp(length);
    }

    /// <summary>Adds what every tile contributes to a vector of sums: tiles of a chunk in order, then chunks in order.</summary>
    static double[] SumOverTiles(int length, int sums, int threads, int scratchLength, Action<int, double[], double[]> addTile)
    {
        var schedule = new TileSchedule(length);
        var chunks = new double[schedule.Chunks][];
        Parallel.For(0, schedule.Chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, chunk =>
        {
            var sum = new double[sums];
            double[] scratch = ArrayPool<double>.Shared.Rent(scratchLength);
            (int first, int end) = schedule.TilesOf(chunk);
            for (int tile = first; tile < end; tile++)
                addTile(tile, scratch, sum);
            ArrayPool<double>.Shared.Return(scratch);
            chunks[chunk] = sum;
        });

        var total = new double[sums];
        foreach (double[] chunk in chunks)
        {
            for (int i = 0; i < sums; i++)
                total[i] += chunk[i];
        }
        return total;
    }
}
