using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Tiles;

/// <summary>What a member adds to a coalition's sum: numbers * factor.</summary>
/// <param name="numbers">The member's numbers.</param>
/// <param name="factor">Its weight.</param>
public readonly ref struct Addend(ReadOnlySpan<float> numbers, float factor)
{
    /// <summary>The member's numbers.</summary>
    public ReadOnlySpan<float> Numbers { get; } = numbers;

    /// <summary>Its weight.</summary>
    public float Factor { get; } = factor;
}

/// <summary>Where a coalition's result goes: output = sum * scale + origin.</summary>
/// <param name="scale">What the sum is multiplied by.</param>
/// <param name="output">Receives the result.</param>
public readonly ref struct Outcome(float scale, Span<float> output)
{
    /// <summary>What the sum is multiplied by.</summary>
    public float Scale { get; } = scale;

    /// <summary>Receives the result.</summary>
    public Span<float> Output { get; } = output;
}

/// <summary>
/// One member more: sums of members' numbers, each product and addition rounded once (fused), and what a coalition's sum gives. All in fp32;
/// the numbers are pre-activations of a tile or weights.
/// </summary>
public static class CoalitionStep
{
    /// <summary>next = part * factor + sum; any of them may be the same span.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Add(Addend part, ReadOnlySpan<float> sum, Span<float> next)
    {
        int length = part.Numbers.Length;
        Check(length, sum.Length, next.Length);
        ref float p = ref MemoryMarshal.GetReference(part.Numbers);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float n = ref MemoryMarshal.GetReference(next);
        int i = Vector512.IsHardwareAccelerated ? StepLanes<SixteenSingles>.Add(0, length, ref p, part.Factor, ref s, ref n)
            : Vector256.IsHardwareAccelerated ? StepLanes<EightSingles>.Add(0, length, ref p, part.Factor, ref s, ref n)
            : Vector128.IsHardwareAccelerated ? StepLanes<FourSingles>.Add(0, length, ref p, part.Factor, ref s, ref n) : 0;
        StepLanes<OneSingle>.Add(i, length, ref p, part.Factor, ref s, ref n);
    }

    /// <summary>output = (part * factor + sum) * scale + origin, and 0 where that is 0 or less if it is to be rectified.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddAndScale(Addend part, ReadOnlySpan<float> sum, ReadOnlySpan<float> origin, Outcome outcome, bool rectify)
    {
        if (rectify)
            AddAndScale<Rectifier>(part, sum, origin, outcome);
        else
            AddAndScale<Linear>(part, sum, origin, outcome);
    }

    /// <summary>
    /// Two coalitions in one reading, without and with a last member: next = part * factor + sum; without = next * scale + origin; with = (last *
    /// factor + next) * scale + origin. The bits of one after the other.
    /// </summary>
    /// <param name="part">The member that joins the sum.</param>
    /// <param name="sum">The sum of those before.</param>
    /// <param name="next">Receives the larger sum; empty where nobody needs it.</param>
    /// <param name="last">The last member.</param>
    /// <param name="origin">What both start from.</param>
    /// <param name="without">The coalition without the last member.</param>
    /// <param name="with">The coalition with it.</param>
    /// <param name="rectify">0 where a result is 0 or less.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddAndScaleTwo(
        Addend part, ReadOnlySpan<float> sum, Span<float> next, Addend last, ReadOnlySpan<float> origin, Outcome without, Outcome with, bool rectify)
    {
        if (rectify)
            AddAndScaleTwo<Rectifier>(part, sum, next, last, origin, without, with);
        else
            AddAndScaleTwo<Linear>(part, sum, next, last, origin, without, with);
    }

    static void AddAndScale<TActivation>(Addend part, ReadOnlySpan<float> sum, ReadOnlySpan<float> origin, Outcome outcome)
        where TActivation : struct, IActivation
    {
        int length = part.Numbers.Length;
        Check(length, sum.Length, origin.Length);
        Check(length, length, outcome.Output.Length);
        ref float p = ref MemoryMarshal.GetReference(part.Numbers);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float z = ref MemoryMarshal.GetReference(origin);
        ref float o = ref MemoryMarshal.GetReference(outcome.Output);
        (float factor, float scale) = (part.Factor, outcome.Scale);
        int i =
            Vector512.IsHardwareAccelerated
                ? StepLanes<SixteenSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : Vector256.IsHardwareAccelerated
                ? StepLanes<EightSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : Vector128.IsHardwareAccelerated
                ? StepLanes<FourSingles>.AddAndScale<TActivation>(0, length, ref p, factor, ref s, scale, ref z, ref o)
            : 0;
        StepLanes<OneSingle>.AddAndScale<TActivation>(i, length, ref p, factor, ref s, scale, ref z, ref o);
    }

    static void AddAndScaleTwo<TActivation>(
        Addend part, ReadOnlySpan<float> sum, Span<float> next, Addend last, ReadOnlySpan<float> origin, Outcome without, Outcome with)
        where TActivation : struct, IActivation
    {
        int length = part.Numbers.Length;
        Check(length, sum.Length, last.Numbers.Length);
        Check(length, origin.Length, next.IsEmpty ? length : next.Length);
        Check(length, without.Output.Length, with.Output.Length);
        if (Vector512.IsHardwareAccelerated)
            StepLanes<SixteenSingles>.AddAndScaleTwo<TActivation>(length, part, sum, next, last, origin, without, with);
        else if (Vector256.IsHardwareAccelerated)
            StepLanes<EightSingles>.AddAndScaleTwo<TActivation>(length, part, sum, next, last, origin, without, with);
        else if (Vector128.IsHardwareAccelerated)
            StepLanes<FourSingles>.AddAndScaleTwo<TActivation>(length, part, sum, next, last, origin, without, with);
        else
            StepLanes<OneSingle>.AddAndScaleTwo<TActivation>(length, part, sum, next, last, origin, without, with);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Check(int length, int second, int third)
    {
        if (length != second || length != third)
            Refuse(length, second, third);
    }

    static void Refuse(int length, int second, int third) =>
        throw new ArgumentException($"A step takes as many numbers everywhere, but {length}, {second} and {third} came.");
}
