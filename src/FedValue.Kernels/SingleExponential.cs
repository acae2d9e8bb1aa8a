using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedValue.Kernels.Tiles;

namespace FedValue.Kernels;

/// <summary>
/// e^d in fp32 for d of at most 0, within 1.1 ulp and exactly 1 at 0: what a softmax takes of logits that are fp32 themselves. Below
/// <see cref="Smallest"/> it is e^Smallest, which vanishes beside the largest exponential, 1; NaN stays NaN.
/// </summary>
static class SingleExponential
{
    /// <summary>No result is subnormal.</summary>
    public const float Smallest = -86;

    /// <summary>values[i] = e^values[i].</summary>
    public static void Of(Span<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        int i = Vector512.IsHardwareAccelerated ? SingleExponential<SixteenSingles>.Of(ref first, 0, values.Length)
            : Vector256.IsHardwareAccelerated ? SingleExponential<EightSingles>.Of(ref first, 0, values.Length)
            : Vector128.IsHardwareAccelerated ? SingleExponential<FourSingles>.Of(ref first, 0, values.Length) : 0;
        SingleExponential<OneSingle>.Of(ref first, i, values.Length);
    }
}

/// <summary>The same on several floats at once.</summary>
static class SingleExponential<T> where T : struct, ISingles<T>
{
    const float Log2E = 1.44269504f;
    const float Ln2High = 0.693147182f;  // ln 2 rounded to fp32
    const float Ln2Low = -1.90465421e-9f; // the rest
    const float RoundToInteger = 12582912f; // 1.5 * 2^23: adding it leaves the nearest integer in the low bits

    /// <summary>values[i] = e^values[i] from an element on for as many whole vectors as fit; where they ended.</summary>
    [MethodImpl(Compiled.ByItself)]
    public static int Of(ref float values, int first, int length)
    {
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
            Of(T.Load(ref values, i)).Store(ref values, i);
        return i;
    }

    /// <summary>d = k ln 2 + r with r in [-ln2/2, ln2/2]; the Taylor polynomial of degree 7, by Horner, of which 1 is added last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of(T d)
    {
        d = T.Larger(T.All(SingleExponential.Smallest), d);
        T shifted = d.TimesPlus(T.All(Log2E), T.All(RoundToInteger));
        T k = shifted - T.All(RoundToInteger);
        T r = k.TimesPlus(T.All(-Ln2Low), k.TimesPlus(T.All(-Ln2High), d));
        T p = r.TimesPlus(T.All(1 / 5040f), T.All(1 / 720f));
        p = p.TimesPlus(r, T.All(1 / 120f));
        p = p.TimesPlus(r, T.All(1 / 24f));
        p = p.TimesPlus(r, T.All(1 / 6f));
        p = p.TimesPlus(r, T.All(0.5f));
        T y = T.All(1) + (r * r).TimesPlus(p, r);
        return y.PlusBits(shifted.ShiftedLeft(23)); // adding k to the exponent is exact; NaN stays NaN
    }
}
