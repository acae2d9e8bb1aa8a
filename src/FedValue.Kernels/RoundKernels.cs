namespace FedValue.Kernels;

/// <summary>
/// What a round needs from its matrix X (n x d, see <see cref="UpdateRows"/>), in double, with bits that depend on X alone
/// (<see cref="TileSchedule"/>): not on the number of threads, not on the vector width of the machine.
/// </summary>
static class RoundKernels
{
    /// <summary>
    /// All figures in one reading of X: the rows of a tile come from memory once, four at a time, and whatever needs them again finds them in
    /// the cache. Inner products with the combination need it whole, but only in the tile's own columns.
    /// </summary>
    public static RoundFigures Read(UpdateRows rows, FiguresWanted wanted, int threads)
    {
        int n = rows.Count, vectors = wanted.Vectors.Count;
        int alongAt = n, productsAt = 2 * n, gramAt = productsAt + Math.Max(1, vectors) * n; // squared norms are at 0
        int[] everyone = [.. Enumerable.Range(0, n)];
        bool combine = wanted.Coefficients is not null, along = combine && wanted.AlongCombination;
        bool gather = combine || wanted.SquaredNorms || vectors > 0;
        double[] coefficients = wanted.Coefficients ?? new double[n];
        double[] combination = GC.AllocateUninitializedArray<double>(combine ? rows.Length : 0);
        double[] sums = ChunkedSum.Of(rows.Length, gramAt + (wanted.Gram ? n * n : 0), threads, () =>
        {
            var tile = new TileReader(rows);
            Memory<double> aligned = Aligned.Doubles(TileSchedule.TileLength);
            GramTile? gram = wanted.Gram ? new GramTile(n) : null;
            return (index, sum) =>
            {
                tile.MoveTo(index);
                Span<double> mean = aligned.Span;
                mean.Clear();
                for (int i = 0; i < n && gather; i += 4)
                {
                    FourRows four = tile.Rows(everyone, i);
                    Lanes.Gather( // without a vector, any will do: its products are not handed out
                        four, coefficients.AsSpan(i), mean, sum.AsSpan(i),
                        vectors > 0 ? tile.Part(wanted.Vectors[0]) : mean, sum.AsSpan(productsAt + i));
                    for (int k = 1; k < vectors; k++)
                        Lanes.Project(four, tile.Part(wanted.Vectors[k]), sum.AsSpan(productsAt + k * n + i));
                }
                if (combine)
                    mean[..tile.Length].CopyTo(combination.AsSpan(tile.Start));
                for (int i = 0; i < n && along; i += 4)
                    Lanes.Project(tile.Rows(everyone, i), mean, sum.AsSpan(alongAt + i));
                gram?.Add(tile, everyone, sum.AsSpan(gramAt));
            };
        });
        return new RoundFigures(
            combination, along ? sums[alongAt..productsAt] : [], wanted.SquaredNorms ? sums[..alongAt] : [],
            [.. Enumerable.Range(0, vectors).Select(k => sums.AsSpan(productsAt + k * n, n).ToArray())],
            wanted.Gram ? Mirror(sums.AsSpan(gramAt), n) : []);
    }

    /// <summary>Row i: its squared norm, then its inner products with k fp32 references (1 + k numbers).</summary>
    public static double[] Measure(UpdateRows rows, int index, IReadOnlyList<float[]> references, int threads) =>
        ChunkedSum.Of(rows.Length, 1 + references.Count, threads, () =>
        {
            var update = new UpdateTile(references);
            return (tile, sum) =>
            {
                (int start, int length) = new TileSchedule(rows.Length).ElementsOf(tile);
                update.Add(rows.Model(index).Slice(start, length), rows.Base.Slice(start, length), start, sum);
            };
        });

    /// <summary>A part of the combination sum_i coefficients[i] * row(members[i]) (d), from a tile on, added in the order of the members.</summary>
    public static void Combine(
        UpdateRows rows, ReadOnlySpan<int> members, ReadOnlySpan<double> coefficients, int firstTile, Span<double> combination,
        CancellationToken cancellation)
    {
        var tile = new TileReader(rows);
        Span<double> sum = stackalloc double[TileSchedule.TileLength], unused = stackalloc double[4];
        for (int index = firstTile; !combination.IsEmpty; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            tile.MoveTo(index);
            sum.Clear();
            for (int m = 0; m < members.Length; m += 4)
                Lanes.Gather(tile.Rows(members, m), coefficients[m..], sum, unused, sum, unused);
            sum[..tile.Length].CopyTo(combination);
            combination = combination[tile.Length..];
        }
    }

    static double[] Mirror(ReadOnlySpan<double> upper, int n)
    {
        double[] gram = upper.ToArray();
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
                gram[i * n + j] = gram[j * n + i];
        }
        return gram;
    }
}
