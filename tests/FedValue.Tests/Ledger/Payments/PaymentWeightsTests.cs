using System.Numerics;
using FedValue.Ledger.Payments;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Ledger.Payments;

public class PaymentWeightsTests
{
    const long Largest = 1L << 53;

    // Any bits at all, ordinary numbers of both signs, subnormal numbers.
    static readonly Arbitrary<double[]> FiniteValues = Gen.OneOf(
            Gen.Choose(int.MinValue, int.MaxValue).Two().Select(halves => ((long)halves.Item1 << 32) | (uint)halves.Item2),
            Gen.Choose(-1000, 1000).Select(number => BitConverter.DoubleToInt64Bits(number / 7.0)),
            Gen.Choose(0, int.MaxValue).Select(bits => (long)bits))
        .Select(BitConverter.Int64BitsToDouble)
        .Where(double.IsFinite)
        .ArrayOf()
        .ToArbitrary();

    [Fact]
    public void Weights_are_the_values_scaled_exactly()
    {
        Assert.Equal([1L << 52, 1L << 51, 0, 3L << 50], PaymentWeights.FromValues([1.0, 0.5, -2.0, 0.75]));
        Assert.Equal([Largest - 1, 1L << 51], PaymentWeights.FromValues([Math.BitDecrement(2.0), 0.5]));
    }

    [Fact]
    public void What_no_value_earns_is_zero()
    {
        Assert.Equal([0, 0, 0], PaymentWeights.FromValues([0.0, -0.0, -1.0]));
        Assert.Equal([0, 1L << 52], PaymentWeights.FromValues([-0.0, double.Epsilon]));
        Assert.Empty(PaymentWeights.FromValues([]));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_refused(double value)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => PaymentWeights.FromValues([1, value]));
        Assert.Contains("value 1 is", refused.Message);
    }

    [Fact]
    public void Huge_and_subnormal_values_keep_their_ratio()
    {
        Assert.Equal([Largest - 1, 1L << 52], PaymentWeights.FromValues([double.MaxValue, Math.ScaleB(1, 1023)]));
        const double tiny = double.Epsilon;
        Assert.Equal([1L << 52, 1L << 51, 3L << 50], PaymentWeights.FromValues([4 * tiny, 2 * tiny, 3 * tiny]));
        Assert.Equal([1L << 52, 0], PaymentWeights.FromValues([1, double.Epsilon]));
        Assert.Equal([1L << 52, 1], PaymentWeights.FromValues([1, Math.ScaleB(1, -52)]));
        Assert.Equal([1L << 52, 1], PaymentWeights.FromValues([1, Math.BitDecrement(Math.ScaleB(1, -51))]));
        Assert.Equal([1L << 52, 0], PaymentWeights.FromValues([1, Math.BitDecrement(Math.ScaleB(1, -52))]));
        Assert.Equal([1L << 52, 0], PaymentWeights.FromValues([1, Math.ScaleB(1, -64)]));
    }

    [Fact]
    public void Weights_are_the_floor_of_the_definition() => Prop.ForAll(FiniteValues, values =>
    {
        BigInteger[] exact = [.. values.Select(value => value > 0 ? Exact(value) : BigInteger.Zero)];
        BigInteger largest = exact.Append(BigInteger.Zero).Max();
        // The one k that brings the largest into [2^52, 2^53), counted in bits.
        int k = 53 - (int)largest.GetBitLength();
        long[] expected = [.. exact.Select(value => (long)(k >= 0 ? value << k : value >> -k))];
        return PaymentWeights.FromValues(values).SequenceEqual(expected);
    }).Holds();

    [Fact]
    public void Multiplying_all_values_by_a_power_of_two_changes_no_weight() => Prop.ForAll(
        Gen.Choose(-1_000_000, 1_000_000).ArrayOf().ToArbitrary(),
        Gen.Choose(-1000, 900).ToArbitrary(),
        (numbers, power) =>
        {
            double[] values = [.. numbers.Select(number => number / 1024.0)];
            double[] scaled = [.. values.Select(value => Math.ScaleB(value, power))];
            return PaymentWeights.FromValues(values).SequenceEqual(PaymentWeights.FromValues(scaled));
        }).Holds();

    // The value in units of the smallest subnormal number, of which every finite value is a whole multiple.
    static BigInteger Exact(double value)
    {
        int exponent = Math.Max(Math.ILogB(value) - 52, -1074);
        return new BigInteger(Math.ScaleB(value, -exponent)) << (exponent + 1074);
    }
}
