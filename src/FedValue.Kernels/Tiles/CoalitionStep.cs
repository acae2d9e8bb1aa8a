using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Tiles;

/// <summary>
/// One member more: sums of members' numbers, each product and addition rounded once (fused), and what a coalition's sum gives. All in fp32;
/// the numbers are pre-activations of a tile or weights.
/// </summary>
public static class CoalitionStep
{
    /// <summary>next = part * factor + sum; any of them may be the same span.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Add(ReadOnlySpan<float> part, float factor, ReadOnlySpan<float> sum, Span<float> next)
    {
        int length = part.Length;
        Check(length, sum.Length, next.Length);
        ref float p = ref MemoryMarshal.GetReference(part);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float n = ref MemoryMarshal.GetReference(next);
        int i = Vector512.IsHardwareAccelerated ? StepLanes<SixteenSingles>.Add(0, length, ref p, factor, ref s, ref n)
            : Vector256.IsHardwareAccelerated ? StepLanes<EightSingles>.Add(0, length, ref p, factor, ref s, ref n)
            : Vector128.IsHardwareAccelerated ? StepLanes<FourSingles>.Add(0, length, ref p, factor, ref s, ref n) : 0;
        StepLanes<OneSingle>.Add(i, length, ref p, factor, ref s, ref n);
    }

    /// <summary>next = part * factor + sum;  output = next * scale + origin, and 0 where that is 0 or less if it is to be rectified.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddAndScale(
        ReadOnlySpan<float> part, float factor, ReadOnlySpan<float> sum, Span<float> next,
        float scale, ReadOnlySpan<float> origin, Span<float> output, bool rectify)
    {
        if (rectify)
            AddAndScale<Rectifier>(part, factor, sum, next, scale, origin, output);
        else
            AddAndScale<Linear>(part, factor, sum, next, scale, origin, output);
    }

    /// <summary>The same where nobody needs next.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddLastAndScale(
        ReadOnlySpan<float> part, float factor, ReadOnlySpan<float> sum,
        float scale, ReadOnlySpan<float> origin, Span<float> output, bool rectify)
    {
        if (rectify)
            AddLastAndScale<Rectifier>(part, factor, sum, scale, origin, output);
        else
            AddLastAndScale<Linear>(part, factor, sum, scale, origin, output);
    }

    static void AddAndScale<TActivation>(
        ReadOnlySpan<float> part, float factor, ReadOnlySpan<float> sum, Span<float> next,
        float scale, ReadOnlySpan<float> origin, Span<float> output) where TActivation : struct, IActivation
    {
        int length = part.Length;
        Check(length, sum.Length, next.Length);
        Check(length, origin.Length, output.Length);
        ref float p = ref MemoryMarshal.GetReference(part);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float n = ref MemoryMarshal.GetReference(next);
        ref float z = ref MemoryMarshal.GetReference(origin);
        ref float o = ref MemoryMarshal.GetReference(output);
        int i =
            Vector512.IsHardwareAccelerated
                ? StepLanes<SixteenSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, ref n, scale, ref z, ref o)
            : Vector256.IsHardwareAccelerated
                ? StepLanes<EightSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, ref n, scale, ref z, ref o)
            : Vector128.IsHardwareAccelerated
                ? StepLanes<FourSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, ref n, scale, ref z, ref o)
            : 0;
        StepLanes<OneSingle>.AddAndScale<TActivation>(i, length, ref p, factor, ref s, ref n, scale, ref z, ref o);
    }

    static void AddLastAndScale<TActivation>(
        ReadOnlySpan<float> part, float factor, ReadOnlySpan<float> sum, float scale, ReadOnlySpan<float> origin, Span<float> output)
        where TActivation : struct, IActivation
    {
        int length = part.Length;
        Check(length, sum.Length, length);
        Check(length, origin.Length, output.Length);
        ref float p = ref MemoryMarshal.GetReference(part);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float z = ref MemoryMarshal.GetReference(origin);
        ref float o = ref MemoryMarshal.GetReference(output);
        int i =
            Vector512.IsHardwareAccelerated
                ? StepLanes<SixteenSingles>.AddLastAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : Vector256.IsHardwareAccelerated
                ? StepLanes<EightSingles>.AddLastAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : Vector128.IsHardwareAccelerated
                ? StepLanes<FourSingles>.AddLastAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : 0;
        StepLanes<OneSingle>.AddLastAndScale<TActivation>(i, length, ref p, factor, ref s, scale, ref z, ref o);
    }

    static void Check(int length, int second, int third)
    {
        if (length != second || length != third)
            throw new ArgumentException($"A step takes as many numbers everywhere, but {length}, {second} and {third} came.");
    }
}
