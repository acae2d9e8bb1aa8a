using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

public sealed class SingleExponentialTests
{
    const float Smallest = SingleExponential.Smallest;

    /// <summary>Every 997th float from 0 down to the smallest, and those beside 0 and where the power of two changes.</summary>
    static IEnumerable<float> Points()
    {
        for (int bits = 0; bits <= BitConverter.SingleToInt32Bits(-Smallest); bits += 997)
            yield return -BitConverter.Int32BitsToSingle(bits);
        for (int k = 0; k <= 124; k++)
        {
            var border = (float)(-(k - 0.5) * 0.6931471805599453);
            foreach (float point in new[] { MathF.BitDecrement(border), border, MathF.BitIncrement(border) })
                yield return Math.Clamp(point, Smallest, 0);
        }
        foreach (float point in new[] { 0, -0f, -float.Epsilon, -1.17549435e-38f, Smallest, MathF.BitIncrement(Smallest) })
            yield return point;
    }

    static float Scalar(float d)
    {
        SingleExponential<OneSingle>.Of(ref d, 0, 1);
        return d;
    }

    [Fact]
    public void An_exponential_is_within_one_ulp_and_a_tenth()
    {
        double worst = 0;
        foreach (float d in Points())
        {
            double exact = Elementary.Exp((double)d), actual = Scalar(d);
            Assert.True(actual > 0 && actual <= 1, $"e^{d:R} = {actual:R}");
            worst = Math.Max(worst, Math.Abs(actual - exact) / Ulp((float)exact));
        }
        Assert.True(worst <= 1.1, $"{worst} ulp");
    }

    /// <summary>The distance of the floats around a number: that below it for a power of two.</summary>
    static double Ulp(float number) => (double)number - MathF.BitDecrement(number);

    [Fact]
    public void The_exponential_of_0_is_1_and_none_is_subnormal()
    {
        Assert.Equal(1, Scalar(0));
        Assert.Equal(1, Scalar(-0f));
        foreach (float below in new[] { Smallest, MathF.BitDecrement(Smallest), -1e4f, float.MinValue, float.NegativeInfinity })
            Assert.Equal(Scalar(Smallest), Scalar(below));
        Assert.True(float.IsNormal(Scalar(Smallest)) && Scalar(Smallest) < 1e-37f);
        Assert.True(float.IsNaN(Scalar(float.NaN)));
        Assert.True(float.IsNaN(Scalar(float.PositiveInfinity - float.PositiveInfinity)));
    }

    [Fact]
    public void Every_width_of_vectors_has_the_bits_of_one_number_at_a_time()
    {
        float[] points = [.. Points().Where((_, i) => i % 50 == 0), float.NegativeInfinity, Smallest, -87, -1000];
        points = points[..(points.Length & -16)];
        float[] expected = Array.ConvertAll(points, Scalar);
        AssertWidth<SixteenSingles>(points, expected);
        AssertWidth<EightSingles>(points, expected);
        AssertWidth<FourSingles>(points, expected);
    }

    static void AssertWidth<T>(float[] points, float[] expected) where T : struct, ISingles<T>
    {
        float[] values = [.. points];
        Assert.Equal(points.Length, SingleExponential<T>.Of(ref values[0], 0, points.Length));
        Bits.Equal(expected, values, $"{T.Count} lanes");
        values[T.Count - 1] = float.NaN; // beside numbers
        SingleExponential<T>.Of(ref values[0], 0, T.Count);
        Assert.True(float.IsNaN(values[T.Count - 1]));
    }

    [FactWithGuardPages]
    public void Every_length_is_computed_whole_and_stays_inside()
    {
        using GuardedMemory<float> memory = new(258);
        float[] points = [.. Points().Where((_, i) => i % 1000 == 0).Take(257)];
        for (int length = 0; length <= 257; length++)
        {
            float[] x = points[..length], expected = Array.ConvertAll(x, Scalar);
            foreach (bool atEnd in new[] { false, true })
            {
                Span<float> values = atEnd ? memory.AtEnd(x) : memory.AtStart(x);
                SingleExponential.Of(values);
                Bits.Equal(expected, values, $"{length} numbers");
            }
        }
    }
}
