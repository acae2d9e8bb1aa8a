using System.Runtime.CompilerServices;

namespace FedValue.Kernels;

/// <summary>
/// The formulas of <see cref="Elementary"/> on several doubles at once, operation by operation, so that a lane has the bits of the scalar
/// function: its branches are computed anyway and selected at the end.
/// </summary>
static class ElementaryLanes<T> where T : struct, ILanes<T>
{
    const double Two52 = 4503599627370496.0; // its bits plus an integer below 2^52 are 2^52 plus that integer
    const long Two52Bits = 0x4330000000000000;
    const double ScaledAtOnce = 708;
    const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>result[i] = e^x[i] for as many whole vectors as fit; how many elements that were.</summary>
    [MethodImpl(Compiled.ByItself)]
    public static int Exp(ref double x, ref double result, int length)
    {
        int i = 0;
        for (; i <= length - T.Count; i += T.Count)
            Exp(T.Load(ref x, i)).Store(ref result, i);
        return i;
    }

    /// <summary>result[i] = ln x[i] for as many whole vectors as fit; how many elements that were.</summary>
    [MethodImpl(Compiled.ByItself)]
    public static int Log(ref double x, ref double result, int length)
    {
        int i = 0;
        for (; i <= length - T.Count; i += T.Count)
            Log(T.Load(ref x, i)).Store(ref result, i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Exp(T x)
    {
        T y = Reduced(x, out T shifted);
        if (T.AllWithin(x, ScaledAtOnce))
            return y.PlusBits(shifted.ShiftedLeft(52)); // no result is infinite or subnormal: adding k to the exponent is exact
        return ScaledTwice(x, y, shifted);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T ScaledTwice(T x, T y, T shifted)
    {
        // 2^k in two factors, 2^half and 2^(k - half), as k alone may be out of range. The low bits of shifted hold k; half is rounded down:
        // (k + 2048) / 2 - 1024, as not every vector can shift with sign.
        long bitsOfZero = BitConverter.DoubleToInt64Bits(Elementary.RoundToInteger);
        T biasedHalf = shifted.PlusBits(2048 - bitsOfZero).ShiftedRight(1); // half + 1024
        T first = biasedHalf.PlusBits(1023 - 1024).ShiftedLeft(52);
        T second = shifted.PlusBits(1023 - bitsOfZero).MinusBits(biasedHalf.PlusBits(-1024)).ShiftedLeft(52);
        T result = y * first * second;

        result = T.Select(T.Less(x, T.All(Elementary.SmallestArgument)), T.All(0), result);
        result = T.Select(T.Less(T.All(Elementary.LargestArgument), x), T.All(double.PositiveInfinity), result);
        return T.Select(T.Equal(x, x), result, x);
    }

    /// <summary>e^r with r = x - k ln 2, and k in the low bits of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Reduced(T x, out T shifted)
    {
        shifted = x * T.All(Elementary.Log2E) + T.All(Elementary.RoundToInteger);
        T k = shifted - T.All(Elementary.RoundToInteger);
        T high = x - k * T.All(Elementary.Ln2High);
        T low = k * T.All(Elementary.Ln2Low);
        T r = high - low;

        T p = T.All(1 / 6227020800.0);
        p = p * r + T.All(1 / 479001600.0);
        p = p * r + T.All(1 / 39916800.0);
        p = p * r + T.All(1 / 3628800.0);
        p = p * r + T.All(1 / 362880.0);
        p = p * r + T.All(1 / 40320.0);
        p = p * r + T.All(1 / 5040.0);
        p = p * r + T.All(1 / 720.0);
        p = p * r + T.All(1 / 120.0);
        p = p * r + T.All(1 / 24.0);
        p = p * r + T.All(1 / 6.0);
        p = p * r + T.All(0.5);
        T roundingOfR = (high - r) - low;
        return T.All(1) + (r + (p * (r * r) + roundingOfR));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Log(T x)
    {
        if (T.AllBetween(SmallestNormal, x, double.PositiveInfinity))
            return LogOfNormal(x, T.All(Two52 + 1023));

        T subnormal = T.Less(x, T.All(SmallestNormal));
        T scaled = T.Select(subnormal, x * T.All(Elementary.Two54), x);
        T result = LogOfNormal(scaled, T.Select(subnormal, T.All(Two52 + 1023 + 54), T.All(Two52 + 1023)));
        result = T.Select(T.Less(T.All(0), x), result, T.All(double.NaN));
        result = T.Select(T.Equal(x, T.All(0)), T.All(double.NegativeInfinity), result);
        return T.Select(T.Equal(x, T.All(double.PositiveInfinity)), x, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T LogOfNormal(T x, T exponentBias)
    {
        T bits = x.PlusBits(0x3ff0000000000000 - Elementary.HalfRootTwoBits);
        T k = bits.ShiftedRight(52).PlusBits(Two52Bits) - exponentBias;
        T m = (bits & T.All(BitConverter.Int64BitsToDouble(0x000fffffffffffff))).PlusBits(Elementary.HalfRootTwoBits);

        T f = m - T.All(1);
        T halfSquare = T.All(0.5) * f * f;
        T s = f / (T.All(2) + f);
        T z = s * s;
        T w = z * z;
        T odd = w * (T.All(Elementary.Log4) + w * (T.All(Elementary.Log8) + w * T.All(Elementary.Log12)));
        T even = z * (T.All(Elementary.Log2) + w * (T.All(Elementary.Log6) + w * (T.All(Elementary.Log10) + w * T.All(Elementary.Log14))));
        return k * T.All(Elementary.Ln2High) - ((halfSquare - (s * (halfSquare + (odd + even)) + k * T.All(Elementary.Ln2Low))) - f);
    }
}
