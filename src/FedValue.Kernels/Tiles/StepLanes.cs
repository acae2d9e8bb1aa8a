using System.Runtime.CompilerServices;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Add(int first, int length, ref float part, float factor, ref float sum, ref float next)
    {
        T times = T.All(factor);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
            T.Load(ref part, i).TimesPlus(times, T.Load(ref sum, i)).Store(ref next, i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddAndScale<TActivation>(
        int first, int length, ref float part, float factor, ref float sum, ref float next, float scale, ref float origin, ref float output)
        where TActivation : struct, IActivation
    {
        T times = T.All(factor), scaled = T.All(scale);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
        {
            T added = T.Load(ref part, i).TimesPlus(times, T.Load(ref sum, i));
            added.Store(ref next, i);
            TActivation.Of(added.TimesPlus(scaled, T.Load(ref origin, i))).Store(ref output, i);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddLastAndScale<TActivation>(
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
}
