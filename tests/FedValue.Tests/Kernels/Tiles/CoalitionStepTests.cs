using FedValue.Contracts.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Tiles;

public sealed class CoalitionStepTests
{
    const float Factor = 3.25f, Scale = 0.1f;

    static float[] Numbers(int length, uint name) => Samples.Singles(length, name);

    static (float[] Next, float[] Output) Expected(float[] part, float[] sum, float[] origin, bool rectify)
    {
        float[] next = [.. part.Select((p, i) => float.FusedMultiplyAdd(p, Factor, sum[i]))];
        float[] output = [.. next.Select((s, i) => float.FusedMultiplyAdd(s, Scale, origin[i]))];
        return (next, rectify ? Array.ConvertAll(output, o => o <= 0 ? 0 : o) : output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_length_has_the_bits_of_one_number_at_a_time(bool rectify)
    {
        for (int length = 0; length <= 257; length++)
        {
            float[] part = Numbers(length, 1), sum = Numbers(length, 2), origin = Numbers(length, 3);
            (float[] next, float[] output) = Expected(part, sum, origin, rectify);
            float[] added = new float[length], scaled = new float[length], last = new float[length], alone = new float[length];
            CoalitionStep.Add(part, Factor, sum, alone);
            CoalitionStep.AddAndScale(part, Factor, sum, added, Scale, origin, scaled, rectify);
            CoalitionStep.AddLastAndScale(part, Factor, sum, Scale, origin, last, rectify);
            Bits.Equal(next, alone, $"sum of {length}");
            Bits.Equal(next, added, $"sum of {length}, with output");
            Bits.Equal(output, scaled, $"output of {length}");
            Bits.Equal(output, last, $"last output of {length}");
        }
    }

    [Fact]
    public void Every_width_of_vectors_has_the_same_bits()
    {
        AssertWidth<SixteenSingles>();
        AssertWidth<EightSingles>();
        AssertWidth<FourSingles>();
        AssertWidth<OneSingle>();
    }

    static void AssertWidth<T>() where T : struct, ISingles<T>
    {
        const int length = 96;
        float[] part = Numbers(length, 4), sum = Numbers(length, 5), origin = Numbers(length, 6);
        part[7] = float.NaN;
        part[40] = float.PositiveInfinity;
        (float[] next, float[] output) = Expected(part, sum, origin, rectify: true);
        float[] added = new float[length], scaled = new float[length], last = new float[length], alone = new float[length];
        Assert.Equal(length, StepLanes<T>.Add(0, length, ref part[0], Factor, ref sum[0], ref alone[0]));
        StepLanes<T>.AddAndScale<Rectifier>(
            0, length, ref part[0], Factor, ref sum[0], ref added[0], Scale, ref origin[0], ref scaled[0]);
        StepLanes<T>.AddLastAndScale<Rectifier>(0, length, ref part[0], Factor, ref sum[0], Scale, ref origin[0], ref last[0]);
        foreach ((float[] expected, float[] actual) in new[] { (next, alone), (next, added), (output, scaled), (output, last) })
        {
            Assert.True(float.IsNaN(actual[7]) && float.IsNaN(expected[7]));
            actual[7] = expected[7]; // which NaN it is differs between processors
            Bits.Equal(expected, actual, $"{T.Count} lanes");
        }
    }

    [FactWithGuardPages]
    public void Nothing_outside_is_touched()
    {
        using GuardedMemory<float> a = new(300), b = new(300), c = new(300), d = new(300), e = new(300);
        for (int length = 1; length <= 67; length++)
        {
            float[] part = Numbers(length, 1), sum = Numbers(length, 2), origin = Numbers(length, 3), empty = new float[length];
            (float[] next, float[] output) = Expected(part, sum, origin, rectify: true);
            foreach (bool atEnd in new[] { false, true })
            {
                Span<float> At(GuardedMemory<float> memory, float[] content) => atEnd ? memory.AtEnd(content) : memory.AtStart(content);
                Span<float> added = At(c, empty), scaled = At(e, empty);
                CoalitionStep.AddAndScale(At(a, part), Factor, At(b, sum), added, Scale, At(d, origin), scaled, rectify: true);
                Bits.Equal(next, added, $"sum of {length}");
                Bits.Equal(output, scaled, $"output of {length}");
                scaled = At(e, empty);
                CoalitionStep.AddLastAndScale(At(a, part), Factor, At(b, sum), Scale, At(d, origin), scaled, rectify: true);
                Bits.Equal(output, scaled, $"last output of {length}");
                CoalitionStep.Add(At(a, part), Factor, At(b, sum), added);
                Bits.Equal(next, added, $"sum alone of {length}");
            }
        }
    }

    [Fact]
    public void Lengths_that_differ_are_refused()
    {
        const string sentence = "A step takes as many numbers everywhere, but 3, 3 and 2 came.";
        float[] three = new float[3], two = new float[2];
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => CoalitionStep.Add(three, 1, three, two)).Message);
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(
            () => CoalitionStep.AddAndScale(three, 1, three, three, 1, three, two, rectify: true)).Message);
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(
            () => CoalitionStep.AddLastAndScale(three, 1, three, 1, three, two, rectify: false)).Message);
    }
}
