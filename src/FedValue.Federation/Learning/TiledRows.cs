using FedValue.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Learning;

/// <summary>
/// The validation rows in tiles of 32 that lie side by side ([feature, row]); a tile may hold rows of several blocks. Behind the last row
/// are rows of zeros that count nowhere.
/// </summary>
sealed class TiledRows
{
    readonly Memory<float>[] _features;
    readonly int[][] _labels;
    readonly Segment[][] _segments;

    /// <summary>Rows first .. end - 1 of a tile that belong to one block.</summary>
    public readonly record struct Segment(int Block, int First, int End);

    public TiledRows(ValidationRows blocks)
    {
        LabelledRows rows = blocks.Rows;
        int tiles = TilesOf(rows.Count);
        (_features, _labels, _segments) = (new Memory<float>[tiles], new int[tiles][], new Segment[tiles][]);
        for (int t = 0; t < tiles; t++)
        {
            int first = t * TileLayer.Rows, count = Math.Min(TileLayer.Rows, rows.Count - first);
            _features[t] = Aligned.Singles(rows.Width * TileLayer.Rows);
            MatrixProduct.Transpose(
                rows.Features.AsSpan(first * rows.Width), rows.Width, _features[t].Span, TileLayer.Rows, count, rows.Width);
            _labels[t] = new int[TileLayer.Rows];
            rows.Labels.AsSpan(first, count).CopyTo(_labels[t]);
            _segments[t] = [.. SegmentsOf(blocks, first, first + count)];
        }
    }

    /// <summary>How many tiles so many rows take.</summary>
    public static int TilesOf(int rows) => (rows + TileLayer.Rows - 1) / TileLayer.Rows;

    public int Tiles => _features.Length;

    /// <summary>features x 32.</summary>
    public ReadOnlySpan<float> Features(int tile) => _features[tile].Span;

    /// <summary>32 classes.</summary>
    public ReadOnlySpan<int> Labels(int tile) => _labels[tile];

    /// <summary>Which rows of the tile belong to which block, ascending.</summary>
    public ReadOnlySpan<Segment> Segments(int tile) => _segments[tile];

    static IEnumerable<Segment> SegmentsOf(ValidationRows blocks, int first, int end)
    {
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            (int from, int to) = blocks.RowsOf(block);
            (from, to) = (Math.Max(from, first), Math.Min(to, end));
            if (from < to)
                yield return new Segment(block, from - first, to - first);
        }
    }
}
