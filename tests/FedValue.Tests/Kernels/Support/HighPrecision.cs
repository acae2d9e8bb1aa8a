using System.Numerics;

namespace FedValue.Tests.Kernels.Support;

/// <summary>
/// The exponential and the logarithm in integers of 256 fractional bits: their error, below 2^-190 of the result, does not show beside an
/// ulp of 2^-53. A number is mantissa * 2^(exponent - 256).
/// </summary>
static class HighPrecision
{
    const int Fraction = 256;
    const int Halvings = 8; // the argument of the Taylor series is divided by 2^8, and the result squared 8 times

    static readonly BigInteger One = BigInteger.One << Fraction;
    static readonly BigInteger Ln2 = LogOfTwo();

    /// <summary>How many ulp of e^x a double is away from e^x.</summary>
    public static double ExpError(double x, double result)
    {
        (BigInteger mantissa, int exponent) = Exp(Fixed(x));
        int ulp = UlpOf(mantissa, exponent);
        BigInteger error = Scaled(result, Fraction - exponent) - mantissa;
        return Math.ScaleB((double)BigInteger.Abs(error), exponent - Fraction - ulp);
    }

    /// <summary>How many ulp of ln x a double is away from ln x, for x other than 1.</summary>
    public static double LogError(double x, double result)
    {
        // ln x = result + ln(x e^-result): the second term is tiny, so three terms of its series are enough.
        (BigInteger mantissa, int exponent) = Exp(Fixed(result));
        BigInteger difference = (Scaled(x, Fraction - exponent) << Fraction) / mantissa - One;
        BigInteger square = difference * difference >> Fraction;
        BigInteger error = difference - (square >> 1) + (square * difference >> Fraction) / 3;
        int ulp = UlpOf(BigInteger.Abs(Fixed(result) + error), 0);
        return Math.ScaleB((double)BigInteger.Abs(error), -Fraction - ulp);
    }

    static (BigInteger Mantissa, int Exponent) Exp(BigInteger x)
    {
        int exponent = (int)BigInteger.Divide(x + (x.Sign * Ln2 >> 1), Ln2);
        BigInteger r = x - exponent * Ln2 >> Halvings;
        BigInteger sum = One, term = One;
        for (int k = 1; !term.IsZero && term != -1; k++)
        {
            term = (term * r >> Fraction) / k;
            sum += term;
        }
        for (int i = 0; i < Halvings; i++)
            sum = sum * sum >> Fraction;
        return (sum, exponent);
    }

    /// <summary>ln 2 = 2 artanh(1/3).</summary>
    static BigInteger LogOfTwo()
    {
        BigInteger sum = 0, power = (One << 65) / 3; // 64 more bits while adding, and the factor 2
        for (int k = 1; !power.IsZero; k += 2, power /= 9)
            sum += power / k;
        return sum >> 64;
    }

    static BigInteger Fixed(double x) => Scaled(x, Fraction);

    /// <summary>x * 2^shift, rounded down.</summary>
    static BigInteger Scaled(double x, int shift)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52 & 0x7ff);
        long mantissa = bits & 0xf_ffff_ffff_ffff | (exponent == 0 ? 0 : 1L << 52);
        int left = Math.Max(exponent, 1) - 1075 + shift;
        BigInteger result = left >= 0 ? (BigInteger)mantissa << left : (BigInteger)mantissa >> -left;
        return bits < 0 ? -result : result;
    }

    /// <summary>The exponent of the last bit of a double of this size.</summary>
    static int UlpOf(BigInteger mantissa, int exponent) =>
        Math.Max((int)mantissa.GetBitLength() - 1 - Fraction + exponent, -1022) - 52;
}
