using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedValue.Kernels.Tiles;

/// <summary>What happens to a pre-activation before it is stored.</summary>
interface IActivation
{
    static abstract T Of<T>(T value) where T : struct, ISingles<T>;
}

/// <summary>Nothing: logits and weights.</summary>
readonly struct Linear : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T value) where T : struct, ISingles<T> => value;
}

/// <summary>ReLU: hidden units.</summary>
readonly struct Rectifier : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T value) where T : struct, ISingles<T> => value.WherePositive(value);
}

/// <summary>The loops of <see cref="CoalitionStep"/>, each from an element on for as many whole vectors as fit; where they ended.</summary>
static class StepLanes<T> where T : struct, ISingles<T>
{
    [MethodImpl(Compiled.ByItself)]
    public static int Add(int first, int length, ref float part, float factor, ref float sum, ref float next)
    {
        T times = T.All(factor);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
            T.Load(ref part, i).TimesPlus(times, T.Load(ref sum, i)).Store(ref next, i);
        return i;
    }

    [MethodImpl(Compiled.ByItself)]
    public static int AddAndScale<TActivation>(
        int first, int length, ref float part, float factor, ref float sum, float scale, ref float origin, ref float output)
        where TActivation : struct, IActivation
    {
        T times = T.All(factor), scaled = T.All(scale);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
        {
            T added = T.Load(ref part, i).TimesPlus(times, T.Load(ref sum, i));
            TActivation.Of(added.TimesPlus(scaled, T.Load(ref origin, i))).Store(ref output, i);
        }
        return i;
    }

    /// <summary>All elements: whole vectors, then one at a time.</summary>
    public static void AddAndScaleTwo<TActivation>(
        int length, Addend part, ReadOnlySpan<float> sum, Span<float> next, Addend last, ReadOnlySpan<float> origin, Outcome without, Outcome with)
        where TActivation : struct, IActivation
    {
        ref float p = ref MemoryMarshal.GetReference(part.Numbers);
        ref float l = ref MemoryMarshal.GetReference(last.Numbers);
        ref float s = ref MemoryMarshal.GetReference(sum);
        ref float n = ref MemoryMarshal.GetReference(next);
        ref float z = ref MemoryMarshal.GetReference(origin);
        ref float o = ref MemoryMarshal.GetReference(without.Output);
        ref float w = ref MemoryMarshal.GetReference(with.Output);
        int whole = AddAndScaleTwo<TActivation>(
            0, length, ref p, part.Factor, ref s, ref n, !next.IsEmpty, ref l, last.Factor, ref z, without.Scale, ref o, with.Scale, ref w);
        StepLanes<OneSingle>.AddAndScaleTwo<TActivation>(
            whole, length, ref p, part.Factor, ref s, ref n, !next.IsEmpty, ref l, last.Factor, ref z, without.Scale, ref o, with.Scale, ref w);
    }

    [MethodImpl(Compiled.ByItself)]
    static int AddAndScaleTwo<TActivation>(
        int first, int length, ref float part, float factor, ref float sum, ref float next, bool isKept, ref float last, float lastFactor,
        ref float origin, float scale, ref float without, float lastScale, ref float with)
        where TActivation : struct, IActivation
    {
        T times = T.All(factor), lastTimes = T.All(lastFactor), scaled = T.All(scale), lastScaled = T.All(lastScale);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
        {
            T added = T.Load(ref part, i).TimesPlus(times, T.Load(ref sum, i)), from = T.Load(ref origin, i);
            if (isKept)
                added.Store(ref next, i);
            TActivation.Of(added.TimesPlus(scaled, from)).Store(ref without, i);
            TActivation.Of(T.Load(ref last, i).TimesPlus(lastTimes, added).TimesPlus(lastScaled, from)).Store(ref with, i);
        }
        return i;
    }
}
