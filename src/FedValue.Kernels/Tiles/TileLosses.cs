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
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public static void Of(ReadOnlySpan<float> logits, int classes, ReadOnlySpan<int> labels, Span<double> losses)
    {
        if (labels[..TileLayer.Rows].ContainsAnyExceptInRange(0, classes - 1))
            throw new ArgumentOutOfRangeException(nameof(labels), $"A label is not from 0 to {classes - 1}.");
        ref float first = ref MemoryMarshal.GetReference(logits[..(classes * TileLayer.Rows)]);
        ref int own = ref MemoryMarshal.GetReference(labels[..TileLayer.Rows]);
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
    public static void Of(ref float logits, int classes, ref int labels, ref double losses)
    {
        Span<float> ofRows = stackalloc float[2 * TileLayer.Rows];
        ref float most = ref MemoryMarshal.GetReference(ofRows), own = ref Unsafe.Add(ref most, TileLayer.Rows);
        Sum(ref logits, classes, ref labels, ref most, ref own, ref losses);
        ElementaryLanes<T>.Log(ref losses, ref losses, TileLayer.Rows);
        for (int r = 0; r < TileLayer.Rows; r += T.Count)
            (T.Load(ref losses, r) - (T.Load(ref own, r) - T.Load(ref most, r))).Store(ref losses, r);
    }

    /// <summary>
    /// The largest logit of every row and its label's, and the sum of e^(logit - largest) in double, in ascending order of the classes.
    /// </summary>
    [MethodImpl(Compiled.ByItself)]
    static void Sum(ref float logits, int classes, ref int labels, ref float largest, ref float picked, ref double sums)
    {
        ref float label = ref Unsafe.As<int, float>(ref labels); // bits are compared, not numbers
        for (int r = 0; r < TileLayer.Rows; r += TSingles.Count)
        {
            TSingles most = TSingles.Load(ref logits, r), own = most, ofRow = TSingles.Load(ref label, r);
            for (int c = 1; c < classes; c++)
            {
                TSingles logit = TSingles.Load(ref logits, c * TileLayer.Rows + r);
                most = TSingles.Larger(logit, most);
                own = logit.WhereSame(ofRow, TSingles.All(BitConverter.Int32BitsToSingle(c)), own);
            }
            most.Store(ref largest, r);
            own.Store(ref picked, r);
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
