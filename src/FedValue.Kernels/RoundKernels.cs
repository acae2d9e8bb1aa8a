namespace FedValue.Kernels;

/// <summary>
/// What a round needs from its matrix X (n x d, see <see cref="UpdateRows"/>), in double, with bits that depend on X alone
/// (<see cref="TileSchedule"/>): not on the number of threads, not on the vector width of the machine.
/// </summary>
static class RoundKernels
{
    // Rows are read for so many tiles on end: runs of 32 KB come from memory about half as fast again as runs of one tile.
    const int RunLength = 4;

    /// <summary>
    /// All figures in one reading of X: the rows of a few tiles come from memory once, four at a time, and whatever needs them again finds them
    /// in the cache. Inner products with the combination need it whole, but only in the tiles' own columns; they begin with the rows that were
    /// read last.
    /// </summary>
    public static RoundFigures Read(UpdateRows rows, FiguresWanted wanted, int threads)
    {
        int n = rows.Count, vectors = wanted.Vectors.Count;
        int alongAt = n, productsAt = 2 * n, gramAt = productsAt + Math.Max(1, vectors) * n; // squared norms are at 0
        int[] everyone = [.. Enumerable.Range(0, n)];
        bool gather = wanted.Coefficients is not null || wanted.SquaredNorms || vectors > 0;
        double[] coefficients = wanted.Coefficients ?? new double[n];
        double[] sums = ChunkedSum.Of(rows.Length, gramAt + (wanted.Gram ? n * n : 0), threads, RunLength, () =>
        {
            var tiles = new TileReader(rows);
            Memory<double> aligned = Aligned.Doubles(RunLength * TileSchedule.TileLength);
            GramTile? gram = wanted.Gram ? new GramTile(n) : null;
            return (run, sum) =>
            {
                tiles.MoveTo(run);
                Span<double> mean = aligned.Span[..tiles.Padded];
                if (gather)
                    mean.Clear();
                for (int i = 0; i < n && gather; i += 4)
                {
                    FourRows four = tiles.Rows(everyone, i);
                    Gather( // without a vector, any will do: its products are not handed out
                        four, coefficients.AsSpan(i), mean, sum.AsSpan(i),
                        vectors > 0 ? tiles.Part(wanted.Vectors[0]) : mean, sum.AsSpan(productsAt + i));
                    for (int k = 1; k < vectors; k++)
                        Project(four, tiles.Part(wanted.Vectors[k]), sum.AsSpan(productsAt + k * n + i));
                }
                for (int i = (n + 3) / 4 * 4 - 4; i >= 0 && wanted.AlongCombination; i -= 4)
                    Project(tiles.Rows(everyone, i), mean, sum.AsSpan(alongAt + i));
                if (wanted.Combination is { } combination)
                    mean[..tiles.Length].CopyTo(combination.AsSpan(tiles.Start));
                for (int tile = run.First; tile < run.End && gram is not null; tile++)
                {
                    tiles.MoveTo(new TileRun(tile, tile + 1));
                    gram.Add(tiles, everyone, sum.AsSpan(gramAt));
                }
            };
        });
        return new RoundFigures(
            wanted.AlongCombination ? sums[alongAt..productsAt] : [], wanted.SquaredNorms ? sums[..alongAt] : [],
            [.. Enumerable.Range(0, vectors).Select(k => sums.AsSpan(productsAt + k * n, n).ToArray())],
            wanted.Gram ? Mirror(sums.AsSpan(gramAt), n) : []);
    }

    /// <summary><see cref="Lanes.Gather"/>, tile by tile.</summary>
    static void Gather(
        in FourRows rows, ReadOnlySpan<double> coefficients, Span<double> sum, Span<double> squares, ReadOnlySpan<double> vector,
        Span<double> products)
    {
        for (int start = 0; start < sum.Length; start += TileSchedule.TileLength)
        {
            int length = TileSchedule.LengthAt(start, sum.Length);
            Lanes.Gather(rows.TileAt(start), coefficients, sum.Slice(start, length), squares, vector.Slice(start, length), products);
        }
    }

    /// <summary><see cref="Lanes.Project"/>, tile by tile.</summary>
    static void Project(in FourRows rows, ReadOnlySpan<double> vector, Span<double> products)
    {
        for (int start = 0; start < vector.Length; start += TileSchedule.TileLength)
            Lanes.Project(rows.TileAt(start), vector.Slice(start, TileSchedule.LengthAt(start, vector.Length)), products);
    }

    /// <summary>Row i: its squared norm, then its inner products with k fp32 references (1 + k numbers).</summary>
    public static double[] Measure(UpdateRows rows, int index, IReadOnlyList<float[]> references, int threads) =>
        ChunkedSum.Of(rows.Length, 1 + references.Count, threads, run: 1, () =>
        {
            var update = new UpdateTile(references);
            return (run, sum) =>
            {
                (int start, int length) = new TileSchedule(rows.Length).ElementsOf(run.First);
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
            tile.MoveTo(new TileRun(index, index + 1));
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
