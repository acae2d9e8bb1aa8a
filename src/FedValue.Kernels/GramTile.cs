using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// The Gram matrix of one tile: rows are packed as doubles, 256 columns at a time, which for 100 rows stay in a core's own cache beside
/// the lanes; then <see cref="GramBlock"/> walks the pairs of four rows with four. One worker's own.
/// </summary>
sealed class GramTile
{
    const int ColumnsMax = 256;

    // One cache line more than a power of two, or the same column of all rows would fall into one set of the cache.
    const int Stride = ColumnsMax + TileSchedule.Lanes;

    // The rows of two blocks are taken together against one block, which then is read once for both.
    const int Group = 2;

    readonly int _n;
    readonly int _quads;
    readonly Memory<double> _packed;
    readonly Memory<double> _lanes;

    /// <param name="n">The number of rows.</param>
    public GramTile(int n)
    {
        _n = n;
        _quads = (n + 3) / 4;
        _packed = Aligned.Doubles(4 * _quads * Stride); // places behind the last row stay 0
        _lanes = Aligned.Doubles(_quads * (_quads + 1) / 2 * GramBlock.LanesLength);
    }

    /// <summary>sum[i n + j] += row i . row j inside the tile, for i at most j.</summary>
    public void Add(TileReader tile, ReadOnlySpan<int> members, Span<double> sum)
    {
        Span<double> packed = _packed.Span, lanes = _lanes.Span;
        lanes.Clear();
        for (int start = 0; start < tile.Padded; start += ColumnsMax)
        {
            int columns = Math.Min(ColumnsMax, tile.Padded - start);
            for (int i = 0; i < _n; i += 4)
                Pack(tile.Rows(members, i), start, columns, packed[(i * Stride)..]);
            for (int group = 0; group < _quads; group += Group)
            {
                for (int j = group; j < _quads; j++)
                {
                    for (int i = group; i < Math.Min(group + Group, j + 1); i++)
                        GramBlock.Add(
                            packed[(4 * i * Stride)..], packed[(4 * j * Stride)..], Stride, columns, lanes[(Block(i, j) * GramBlock.LanesLength)..]);
                }
            }
        }
        AddLanes(sum);
    }

    static void Pack(in FourRows rows, int start, int columns, Span<double> packed)
    {
        ReadOnlySpan<float> origin = rows.Origin.Slice(start, columns);
        PackRow(rows.A, origin, start, packed);
        if (rows.Count > 1)
            PackRow(rows.B, origin, start, packed[Stride..]);
        if (rows.Count > 2)
            PackRow(rows.C, origin, start, packed[(2 * Stride)..]);
        if (rows.Count > 3)
            PackRow(rows.D, origin, start, packed[(3 * Stride)..]);
    }

    static void PackRow(ReadOnlySpan<float> row, ReadOnlySpan<float> origin, int start, Span<double> packed)
    {
        ref float next = ref MemoryMarshal.GetReference(row);
        for (int i = start + ColumnsMax; i < start + 2 * ColumnsMax; i += Prefetch.LineFloats)
            Prefetch.Line(ref next, (nuint)i); // what the row's next stretch needs comes while this one is multiplied
        UpdateRows.Difference(row.Slice(start, origin.Length), origin, packed);
    }

    void AddLanes(Span<double> sum)
    {
        for (int i = 0; i < _n; i += 4)
        {
            for (int j = i; j < _n; j += 4)
            {
                ref double lanes = ref MemoryMarshal.GetReference(
                    _lanes.Span.Slice(Block(i / 4, j / 4) * GramBlock.LanesLength, GramBlock.LanesLength));
                for (int k = 0; k < 16; k++)
                {
                    int row = i + k / 4, column = j + k % 4;
                    if (row <= column && column < _n)
                        sum[row * _n + column] += Lanes.AddHalves(Vector512.LoadUnsafe(ref lanes, (nuint)(k * TileSchedule.Lanes)));
                }
            }
        }
    }

    /// <summary>Blocks i at most j, row by row.</summary>
    int Block(int i, int j) => i * _quads - i * (i - 1) / 2 + j - i;
}
