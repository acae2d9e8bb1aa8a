using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

public sealed class ElementaryTests
{
    const double LargestFinite = 709.782712893384; // ln(double.MaxValue), rounded down
    const double SmallestPositive = -745.1332191019412; // ln(2^-1075): below, 0 is nearer than the smallest double

    [Fact]
    public void The_exponential_is_within_one_ulp() => AssertWithinOneUlp(Elementary.Exp, HighPrecision.ExpError, random =>
    [
        .. Uniform(random, 30_000, -1, 1), .. Uniform(random, 30_000, -40, 5), .. Uniform(random, 30_000, -745.13, 709.78),
        .. Uniform(random, 20_000, -745.13, -708), .. Uniform(random, 5_000, 709, 709.78),
        .. Enumerable.Range(0, 2_000).Select(i => Math.ScaleB(2 * random.NextDouble() - 1, -i % 1074)),
        LargestFinite, Math.BitDecrement(LargestFinite), SmallestPositive, Math.BitIncrement(SmallestPositive),
        -708.3964185322641, -708.3964185322642, double.Epsilon, -double.Epsilon, 0.34657359027997264, -0.34657359027997264,
    ]);

    [Fact]
    public void The_logarithm_is_within_one_ulp() => AssertWithinOneUlp(Elementary.Log, HighPrecision.LogError, random =>
    [
        .. Uniform(random, 30_000, 0.5, 2), .. Uniform(random, 20_000, 0, 100), .. Uniform(random, 10_000, 0.999, 1.001),
        .. Enumerable.Range(0, 40_000).Select(_ => AnyPositive(random)),
        .. Enumerable.Range(0, 10_000).Select(i => 1 + Math.ScaleB(2 * random.NextDouble() - 1, -1 - i % 52)).Where(x => x != 1),
        .. Enumerable.Range(1, 52).SelectMany(i => new[] { 1 + Math.ScaleB(1, -i), 1 - Math.ScaleB(1, -i - 1) }),
        .. Enumerable.Range(-1074, 2098).Where(i => i != 0).Select(i => Math.ScaleB(1, i)),
        double.MaxValue, double.Epsilon, 2.2250738585072014e-308, 2.225073858507201e-308,
        1.4142135623730951, 1.4142135623730949, 0.7071067811865476, 0.7071067811865475,
    ]);

    [Fact]
    public void The_edges_of_the_exponential_are_those_of_the_standard()
    {
        Assert.Equal(1, Elementary.Exp(0));
        Assert.Equal(1, Elementary.Exp(-0.0));
        Assert.Equal(1, Elementary.Exp(double.Epsilon));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(double.PositiveInfinity));
        AssertPositiveZero(Elementary.Exp(double.NegativeInfinity));
        Assert.True(double.IsNaN(Elementary.Exp(double.NaN)));
        Assert.True(double.IsFinite(Elementary.Exp(LargestFinite)));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(Math.BitIncrement(LargestFinite)));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(double.MaxValue));
        AssertPositiveZero(Elementary.Exp(Math.BitDecrement(SmallestPositive)));
        AssertPositiveZero(Elementary.Exp(double.MinValue));
        Assert.Equal(double.Epsilon, Elementary.Exp(-744.9));
    }

    [Fact]
    public void The_edges_of_the_logarithm_are_those_of_the_standard()
    {
        AssertPositiveZero(Elementary.Log(1));
        Assert.Equal(double.NegativeInfinity, Elementary.Log(0));
        Assert.Equal(double.NegativeInfinity, Elementary.Log(-0.0));
        Assert.Equal(double.PositiveInfinity, Elementary.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(Elementary.Log(double.NaN)));
        Assert.True(double.IsNaN(Elementary.Log(-1)));
        Assert.True(double.IsNaN(Elementary.Log(-double.Epsilon)));
        Assert.True(double.IsNaN(Elementary.Log(double.NegativeInfinity)));
    }

    [Fact]
    public void Both_are_monotone_on_samples()
    {
        AssertMonotone(Elementary.Exp, Uniform(new RandomStream(3, RandomPurpose.Split), 100_000, -746, 710));
        AssertMonotone(Elementary.Exp, Uniform(new RandomStream(4, RandomPurpose.Split), 100_000, -1, 1));
        AssertMonotone(Elementary.Log, Uniform(new RandomStream(5, RandomPurpose.Split), 100_000, 0, 4));
        AssertMonotone(Elementary.Log, Uniform(new RandomStream(6, RandomPurpose.Split), 100_000, 0.99, 1.01));
    }

    [Fact]
    public void A_power_is_multiplied_from_the_left()
    {
        Assert.Equal(1, Elementary.Power(0.9, 0));
        Assert.Equal(0.9, Elementary.Power(0.9, 1));
        double product = 0.9 * 0.9 * 0.9 * 0.9 * 0.9;
        Assert.Equal(product, Elementary.Power(0.9, 5));
        Assert.Equal(-8, Elementary.Power(-2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Elementary.Power(2, -1));
    }

    static void AssertWithinOneUlp(
        Func<double, double> function, Func<double, double, double> error, Func<RandomStream, double[]> choose)
    {
        double[] points = choose(new RandomStream(2, RandomPurpose.Split));
        Assert.True(points.Length >= 100_000);
        var errors = new double[points.Length];
        Parallel.For(0, points.Length, i => errors[i] = error(points[i], function(points[i])));
        double largest = errors.Max();
        double where = points[Array.IndexOf(errors, largest)];
        Assert.True(largest < 1, $"The largest of {points.Length} errors is {largest:R} ulp, at {where:R}.");
        Assert.InRange(largest, 0.5, 1); // a correctly rounded function would be at 0.5: below it, the measure is wrong
    }

    static void AssertMonotone(Func<double, double> function, double[] points)
    {
        Array.Sort(points);
        for (int i = 1; i < points.Length; i++)
            Assert.True(function(points[i - 1]) <= function(points[i]), $"Falls between {points[i - 1]:R} and {points[i]:R}.");
    }

    static void AssertPositiveZero(double value) => Assert.Equal(0L, BitConverter.DoubleToInt64Bits(value));

    static double[] Uniform(RandomStream random, int count, double low, double high) =>
        [.. Enumerable.Range(0, count).Select(_ => low + random.NextPositiveDouble() * (high - low))];

    static double AnyPositive(RandomStream random)
    {
        long bits = (long)random.NextBits() << 32 | random.NextBits();
        double x = BitConverter.Int64BitsToDouble(bits & long.MaxValue);
        return double.IsFinite(x) && x > 0 ? x : AnyPositive(random);
    }
}
