using System.Numerics;

namespace FedValue.Ledger.Payments;

/// <summary>Turns the values of a round into integer weights, by shifting bits: no rounding that a machine could do differently.</summary>
public static class PaymentWeights
{
    const int MantissaBits = 52;
    const long MantissaMask = (1L << MantissaBits) - 1;
    const int ExponentMask = 0x7ff;

    /// <summary>
    /// One weight per value: floor(max(value, 0) * 2^k), with the one integer k that brings the largest into [2^52, 2^53). All weights are
    /// zero when no value is positive; multiplying every value by a power of two changes no weight.
    /// </summary>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static long[] FromValues(ReadOnlySpan<double> values)
    {
        int scale = int.MinValue;
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Values that decide about money are finite, but value {i} is {values[i]}.", nameof(values));
            if (values[i] > 0)
                scale = Math.Max(scale, Split(values[i]).Exponent);
        }

        long[] weights = new long[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] > 0)
            {
                (long mantissa, int exponent) = Split(values[i]);
                // C# shifts by the count modulo 64.
                weights[i] = scale - exponent > MantissaBits ? 0 : mantissa >> (scale - exponent);
            }
        }

        return weights;
    }

    // value = Mantissa * 2^Exponent with the mantissa in [2^52, 2^53), for subnormal values too.
    static (long Mantissa, int Exponent) Split(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int biased = (int)(bits >> MantissaBits) & ExponentMask;
        long mantissa = bits & MantissaMask;
        if (biased != 0)
            return (mantissa | 1L << MantissaBits, biased);
        int shift = BitOperations.LeadingZeroCount((ulong)mantissa) - (63 - MantissaBits);
        return (mantissa << shift, 1 - shift);
    }
}
