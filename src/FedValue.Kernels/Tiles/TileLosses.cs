using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Tiles;

/// <summary>Cross-entropy of the 32 rows of a tile, with the bits of <see cref="CrossEntropy.Loss"/> for each.</summary>
public static class TileLosses
{
    /// <summary>losses[r] = -log softmax(logits of row r)[labels[r]].</summary>
    /// <param name="logits">At least classes x 32.</param>
    /// <param name="classes">1 or more.</param>
    /// <param name="labels">32 classes.</param>
    /// <param name="losses">Receives 32 losses, in nats.</param>
    public static void Of(ReadOnlySpan<float> logits, int classes, ReadOnlySpan<int> labels, Span<double> losses)
    {
        Span<float> picked = stackalloc float[TileLayer.Rows];
        for (int r = 0; r < TileLayer.Rows; r++)
            picked[r] = logits[labels[r] * TileLayer.Rows + r];
        ref float first = ref MemoryMarshal.GetReference(logits[..(classes * TileLayer.Rows)]);
        ref float own = ref MemoryMarshal.GetReference(picked);
        ref double to = ref MemoryMarshal.GetReference(losses[..TileLayer.Rows]);
        if (Vector512.IsHardwareAccelerated)
            LossLanes<EightLanes, SixteenSingles>.Of(ref first, classes, ref own, ref to);
        else if (Vector256.IsHardwareAccelerated)
            LossLanes<FourLanes, EightSingles>.Of(ref first, classes, ref own, ref to);
        else if (Vector128.IsHardwareAccelerated)
            LossLanes<TwoLanes, FourSingles>.Of(ref first, classes, ref own, ref to);
        else
            OneByOne(logits, classes, labels, losses);
    }

    /// <summary>The class of the largest logit of row r, the lowest on a tie: as <see cref="CrossEntropy.Predicted"/>.</summary>
    public static int Predicted(ReadOnlySpan<float> logits, int classes, int r)
    {
        int best = 0;
        for (int c = 1; c < classes; c++)
        {
            if (logits[c * TileLayer.Rows + r] > logits[best * TileLayer.Rows + r])
                best = c;
        }
        return best;
    }

    internal static void OneByOne(ReadOnlySpan<float> logits, int classes, ReadOnlySpan<int> labels, Span<double> losses)
    {
        var row = new float[classes];
        for (int r = 0; r < TileLayer.Rows; r++)
        {
            for (int c = 0; c < classes; c++)
                row[c] = logits[c * TileLayer.Rows + r];
            losses[r] = CrossEntropy.Loss(row, labels[r]);
        }
    }
}

/// <summary>The losses of a tile, as many rows at once as there are lanes: operation by operation what one row would take.</summary>
static class LossLanes<T, TSingles> where T : struct, ILanes<T>, IHalf<T, TSingles> where TSingles : struct, ISingles<TSingles>
{
    public static void Of(ref float logits, int classes, ref float picked, ref double losses)
    {
        Span<float> largest = stackalloc float[TileLayer.Rows];
        ref float most = ref MemoryMarshal.GetReference(largest);
        Sum(ref logits, classes, ref most, ref losses);
        ElementaryLanes<T>.Log(ref losses, ref losses, TileLayer.Rows);
        for (int r = 0; r < TileLayer.Rows; r += T.Count)
            (T.Load(ref losses, r) - (T.Load(ref picked, r) - T.Load(ref most, r))).Store(ref losses, r);
    }

    /// <summary>The largest logit of every row, and the sum of e^(logit - largest) in double, in ascending order of the classes.</summary>
    [MethodImpl(Compiled.ByItself)]
    static void Sum(ref float logits, int classes, ref float largest, ref double sums)
    {
        for (int r = 0; r < TileLayer.Rows; r += TSingles.Count)
        {
            TSingles most = TSingles.Load(ref logits, r);
            for (int c = 1; c < classes; c++)
                most = TSingles.Larger(TSingles.Load(ref logits, c * TileLayer.Rows + r), most);
            most.Store(ref largest, r);
            T low = T.All(0), high = T.All(0);
            for (int c = 0; c < classes; c++)
            {
                TSingles exponential = SingleExponential<TSingles>.Of(TSingles.Load(ref logits, c * TileLayer.Rows + r) - most);
                low += T.Low(exponential);
                high += T.High(exponential);
            }
            low.Store(ref sums, r);
            high.Store(ref sums, r + T.Count);
        }
    }
}
