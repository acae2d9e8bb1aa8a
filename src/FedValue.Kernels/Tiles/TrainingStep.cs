using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Tiles;

/// <summary>What training does number by number, in fp32, every operation rounded by itself.</summary>
public static class TrainingStep
{
    /// <summary>ReLU in place: 0 where a number is 0 or less; NaN stays NaN, so that a diverged model does not look like a dead unit.</summary>
    public static void Rectify(Span<float> values) => KeepPositive(values, values);

    /// <summary>The way back through ReLU: a value becomes 0 where the unit's output is 0 or less.</summary>
    /// <exception cref="ArgumentException">There are fewer outputs than values.</exception>
    public static void KeepPositive(Span<float> values, ReadOnlySpan<float> outputs)
    {
        int length = values.Length;
        if (outputs.Length < length)
            throw new ArgumentException($"{length} values need as many outputs, but {outputs.Length} came.", nameof(outputs));
        ref float v = ref MemoryMarshal.GetReference(values);
        ref float o = ref MemoryMarshal.GetReference(outputs);
        int i = Vector512.IsHardwareAccelerated ? TrainingLanes<SixteenSingles>.KeepPositive(0, length, ref v, ref o)
            : Vector256.IsHardwareAccelerated ? TrainingLanes<EightSingles>.KeepPositive(0, length, ref v, ref o)
            : Vector128.IsHardwareAccelerated ? TrainingLanes<FourSingles>.KeepPositive(0, length, ref v, ref o) : 0;
        TrainingLanes<OneSingle>.KeepPositive(i, length, ref v, ref o);
    }

    /// <summary>g = gradient + decay w;  v = momentum v + g;  w -= rate v.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Descend(
        Span<float> weights, ReadOnlySpan<float> gradient, Span<float> velocity, float rate, float momentum, float decay)
    {
        int length = weights.Length;
        if (gradient.Length != length || velocity.Length != length)
        {
            throw new ArgumentException(
                $"{length} weights need as many numbers of gradient and velocity, but {gradient.Length} and {velocity.Length} came.");
        }
        ref float w = ref MemoryMarshal.GetReference(weights);
        ref float g = ref MemoryMarshal.GetReference(gradient);
        ref float v = ref MemoryMarshal.GetReference(velocity);
        int i =
            Vector512.IsHardwareAccelerated
                ? TrainingLanes<SixteenSingles>.Descend(0, length, ref w, ref g, ref v, rate, momentum, decay)
            : Vector256.IsHardwareAccelerated
                ? TrainingLanes<EightSingles>.Descend(0, length, ref w, ref g, ref v, rate, momentum, decay)
            : Vector128.IsHardwareAccelerated
                ? TrainingLanes<FourSingles>.Descend(0, length, ref w, ref g, ref v, rate, momentum, decay)
            : 0;
        TrainingLanes<OneSingle>.Descend(i, length, ref w, ref g, ref v, rate, momentum, decay);
    }
}
