using System.Runtime.InteropServices;
using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

/// <summary>What is computed side by side has the bits of the scalar functions, whose distance from the truth is tested by itself.</summary>
public sealed class ElementaryLanesTests
{
    static readonly double[] Edges =
    [
        0, -0.0, 1, -1, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, double.PositiveInfinity, double.NegativeInfinity,
        double.NaN, -double.NaN, BitConverter.Int64BitsToDouble(0x7ff0000000000001), 709.782712893384, 709.7827128933841, 708, -708,
        708.0000000000001, -708.0000000000001, -745.1332191019411, -745.1332191019412, -745.1332191019414,
        -708.3964185322641, 2.2250738585072014e-308,
        2.225073858507201e-308, 1.4142135623730951, 1.4142135623730949, 0.7071067811865476, 0.7071067811865475, 0.34657359027997264,
    ];

    static double[] Points(uint name)
    {
        var random = new RandomStream(seed: 11, RandomPurpose.Split, name);
        return
        [
            .. Edges,
            .. Enumerable.Range(0, 4000).Select(_ => BitConverter.Int64BitsToDouble((long)random.NextBits() << 32 | random.NextBits())),
            .. Enumerable.Range(0, 4000).Select(_ => 1500 * random.NextDouble() - 760),
            .. Enumerable.Range(0, 4000).Select(_ => 45 * random.NextDouble() - 40),
            .. Enumerable.Range(0, 4000).Select(i => Math.ScaleB(0.5 + random.NextDouble(), i % 2140 - 1074)),
            // Ordinary numbers with one of the edges among each eight: a lane that needs care must not disturb the others.
            .. Enumerable.Range(0, 8 * Edges.Length).Select(i => i % 8 == i / 8 % 8 ? Edges[i / 8] : 3 * random.NextDouble()),
        ];
    }

    static void AssertSame(double[] points, Func<double, double> scalar, double[] actual, string what)
    {
        double[] expected = Array.ConvertAll(points, x => scalar(x));
        if (!MemoryMarshal.Cast<double, long>(expected).SequenceEqual(MemoryMarshal.Cast<double, long>(actual)))
            Bits.Equal(expected, actual, what);
    }

    static void AssertLanes<T>() where T : struct, ILanes<T>
    {
        double[] points = Points((uint)T.Count);
        points = points[..(points.Length & -8)];
        var result = new double[points.Length];
        Assert.Equal(points.Length, ElementaryLanes<T>.Exp(ref points[0], ref result[0], points.Length));
        AssertSame(points, Elementary.Exp, result, $"exp, {T.Count} lanes");
        Assert.Equal(points.Length, ElementaryLanes<T>.Log(ref points[0], ref result[0], points.Length));
        AssertSame(points, Elementary.Log, result, $"log, {T.Count} lanes");
    }

    [Fact]
    public void Two_four_and_eight_lanes_have_the_bits_of_one()
    {
        AssertLanes<TwoLanes>();
        AssertLanes<FourLanes>();
        AssertLanes<EightLanes>();
    }

    [FactWithGuardPages]
    public void Every_length_is_computed_whole_and_stays_inside()
    {
        using GuardedMemory<double> from = new(258), to = new(258);
        double[] points = Points(1);
        for (int length = 0; length <= 257; length++)
        {
            double[] x = points.AsSpan(40 * length % 1000, length).ToArray(), empty = new double[length];
            Span<double> result = to.AtStart(empty);
            Elementary.Exp(from.AtStart(x), result);
            AssertSame(x, Elementary.Exp, result.ToArray(), $"exp of {length}, from the start");
            result = to.AtEnd(empty);
            Elementary.Log(from.AtEnd(x), result);
            AssertSame(x, Elementary.Log, result.ToArray(), $"log of {length}, to the end");
            result = to.AtEnd(x);
            Elementary.Exp(result, result);
            AssertSame(x, Elementary.Exp, result.ToArray(), $"exp of {length}, in place");
        }
    }

    [Fact]
    public void Results_without_room_are_refused_with_a_sentence() =>
        Assert.StartsWith("3 numbers need as many results, but there is room for 2.",
            Assert.Throws<ArgumentException>(() => Elementary.Exp(new double[3], new double[2])).Message);
}
