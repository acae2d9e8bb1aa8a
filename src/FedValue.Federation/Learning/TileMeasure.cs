using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>
/// Adds what the logits of a tile come to: the losses and hits of its rows, in their order, to one number per block. One thread's own.
/// </summary>
sealed class TileMeasure(TiledRows rows, int classes)
{
    readonly double[] _losses = new double[TileLayer.Rows];

    /// <summary>Adds a tile.</summary>
    /// <param name="tile">Which.</param>
    /// <param name="logits">At least classes x 32.</param>
    /// <param name="losses">One number per block.</param>
    /// <param name="correct">Likewise, or empty where nobody asks.</param>
    public void Add(int tile, ReadOnlySpan<float> logits, Span<double> losses, Span<int> correct)
    {
        ReadOnlySpan<int> labels = rows.Labels(tile);
        TileLosses.Of(logits, classes, labels, _losses);
        foreach (TiledRows.Segment segment in rows.Segments(tile))
        {
            double sum = losses[segment.Block];
            for (int r = segment.First; r < segment.End; r++)
                sum += _losses[r];
            losses[segment.Block] = sum;
            for (int r = segment.First; r < segment.End && correct.Length > 0; r++)
            {
                if (TileLosses.Predicted(logits, classes, r) == labels[r])
                    correct[segment.Block]++;
            }
        }
    }
}
