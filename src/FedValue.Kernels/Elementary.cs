using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// Exponential and logarithm from + - * / alone: the same bits on every machine. libm, <c>Math.Exp</c> and the vector versions of .NET
/// differ between processors, so nothing whose bits are promised may call them.
/// </summary>
public static class Elementary
{
    internal const double Log2E = 1.4426950408889634;
    internal const double Ln2High = 6.93147180369123816490e-01; // its last 21 bits are zero, so k * Ln2High is exact for |k| < 2^21
    internal const double Ln2Low = 1.90821492927058770002e-10;
    internal const double RoundToInteger = 6755399441055744.0; // 1.5 * 2^52: adding it leaves the nearest integer in the low bits
    internal const double LargestArgument = 709.782712893384;
    internal const double SmallestArgument = -745.1332191019412;

    internal const double Two54 = 18014398509481984.0;
    internal const long HalfRootTwoBits = 0x3fe6a09e00000000;

    // fdlibm's polynomial: the coefficient of each power of s.
    internal const double Log2 = 6.666666666666735130e-01;
    internal const double Log4 = 3.999999999940941908e-01;
    internal const double Log6 = 2.857142874366239149e-01;
    internal const double Log8 = 2.222219843214978396e-01;
    internal const double Log10 = 1.818357216161805012e-01;
    internal const double Log12 = 1.531383769920937332e-01;
    internal const double Log14 = 1.479819860510658591e-01;

    /// <summary>Doubles that the span functions compute side by side; a length that is a multiple of it has no slower rest.</summary>
    internal static int Lanes =>
        Vector512.IsHardwareAccelerated ? 8 : Vector256.IsHardwareAccelerated ? 4 : Vector128.IsHardwareAccelerated ? 2 : 1;

    /// <summary>e^x, within 1 ulp: argument reduced to [-ln2/2, ln2/2], Taylor polynomial of degree 13, fixed order.</summary>
    /// <param name="x">Any double; above 709.78 the result is +infinity, below -745.13 it is 0, NaN stays NaN.</param>
    public static double Exp(double x)
    {
        if (!(x <= LargestArgument))
            return double.IsNaN(x) ? x : double.PositiveInfinity;
        if (x < SmallestArgument)
            return 0;

        double k = (x * Log2E + RoundToInteger) - RoundToInteger;
        double high = x - k * Ln2High;
        double low = k * Ln2Low;
        double r = high - low;

        double p = 1 / 6227020800.0;
        p = p * r + 1 / 479001600.0;
        p = p * r + 1 / 39916800.0;
        p = p * r + 1 / 3628800.0;
        p = p * r + 1 / 362880.0;
        p = p * r + 1 / 40320.0;
        p = p * r + 1 / 5040.0;
        p = p * r + 1 / 720.0;
        p = p * r + 1 / 120.0;
        p = p * r + 1 / 24.0;
        p = p * r + 1 / 6.0;
        p = p * r + 0.5;
        double roundingOfR = (high - r) - low;
        double y = 1 + (r + (p * (r * r) + roundingOfR));

        int exponent = (int)k;
        int half = exponent >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <summary>The natural logarithm, within 1 ulp: x = 2^k m with m in [sqrt(1/2), sqrt(2)), fdlibm's polynomial in f/(2+f).</summary>
    /// <param name="x">Any double; 0 gives -infinity, a negative number or NaN gives NaN, +infinity stays.</param>
    public static double Log(double x)
    {
        if (!(x > 0))
            return x == 0 ? double.NegativeInfinity : double.NaN;
        if (double.IsPositiveInfinity(x))
            return x;

        int k = 0;
        if (!double.IsNormal(x))
        {
            x *= Two54;
            k = -54;
        }

        long bits = BitConverter.DoubleToInt64Bits(x) + (0x3ff0000000000000 - HalfRootTwoBits);
        k += (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000fffffffffffff) + HalfRootTwoBits);

        double f = m - 1;
        double halfSquare = 0.5 * f * f;
        double s = f / (2 + f);
        double z = s * s;
        double w = z * z;
        double odd = w * (Log4 + w * (Log8 + w * Log12));
        double even = z * (Log2 + w * (Log6 + w * (Log10 + w * Log14)));
        return k * Ln2High - ((halfSquare - (s * (halfSquare + (odd + even)) + k * Ln2Low)) - f);
    }

    /// <summary>result[i] = e^x[i] with the bits of <see cref="Exp(double)"/>; both may be the same span.</summary>
    /// <exception cref="ArgumentException">The result is shorter than x.</exception>
    public static void Exp(ReadOnlySpan<double> x, Span<double> result)
    {
        CheckLengths(x, result);
        ref double from = ref MemoryMarshal.GetReference(x);
        ref double to = ref MemoryMarshal.GetReference(result);
        int i = Vector512.IsHardwareAccelerated ? ElementaryLanes<EightLanes>.Exp(ref from, ref to, x.Length)
            : Vector256.IsHardwareAccelerated ? ElementaryLanes<FourLanes>.Exp(ref from, ref to, x.Length)
            : Vector128.IsHardwareAccelerated ? ElementaryLanes<TwoLanes>.Exp(ref from, ref to, x.Length) : 0;
        for (; i < x.Length; i++)
            result[i] = Exp(x[i]);
    }

    /// <summary>result[i] = ln x[i] with the bits of <see cref="Log(double)"/>; both may be the same span.</summary>
    /// <exception cref="ArgumentException">The result is shorter than x.</exception>
    public static void Log(ReadOnlySpan<double> x, Span<double> result)
    {
        CheckLengths(x, result);
        ref double from = ref MemoryMarshal.GetReference(x);
        ref double to = ref MemoryMarshal.GetReference(result);
        int i = Vector512.IsHardwareAccelerated ? ElementaryLanes<EightLanes>.Log(ref from, ref to, x.Length)
            : Vector256.IsHardwareAccelerated ? ElementaryLanes<FourLanes>.Log(ref from, ref to, x.Length)
            : Vector128.IsHardwareAccelerated ? ElementaryLanes<TwoLanes>.Log(ref from, ref to, x.Length) : 0;
        for (; i < x.Length; i++)
            result[i] = Log(x[i]);
    }

    /// <summary>base^exponent by repeated multiplication from the left: exponent - 1 products, in that order.</summary>
    /// <param name="value">The base.</param>
    /// <param name="exponent">0 or more; 0 gives 1.</param>
    public static double Power(double value, int exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        double product = 1;
        for (int i = 0; i < exponent; i++)
            product *= value;
        return product;
    }

    static void CheckLengths(ReadOnlySpan<double> x, Span<double> result)
    {
        if (result.Length < x.Length)
            throw new ArgumentException($"{x.Length} numbers need as many results, but there is room for {result.Length}.", nameof(result));
    }

    static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
