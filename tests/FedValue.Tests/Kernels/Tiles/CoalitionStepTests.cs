using FedValue.Contracts.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Tiles;

public sealed class CoalitionStepTests
{
    const float Factor = 3.25f, LastFactor = 0.3f, Scale = 0.1f, LastScale = 0.07f;

    static float[] Numbers(int length, uint name) => Samples.Singles(length, name);

    /// <summary>One number at a time: the larger sum, and the results without and with the last member.</summary>
    sealed class Step(int length, bool rectify)
    {
        public float[] Part { get; } = Numbers(length, 1);
        public float[] Sum { get; } = Numbers(length, 2);
        public float[] Last { get; } = Numbers(length, 3);
        public float[] Origin { get; } = Numbers(length, 4);

        public float[] Next => [.. Part.Select((p, i) => float.FusedMultiplyAdd(p, Factor, Sum[i]))];
        public float[] Without => Result(Next, Scale);
        public float[] With => Result([.. Last.Select((l, i) => float.FusedMultiplyAdd(l, LastFactor, Next[i]))], LastScale);

        float[] Result(float[] sum, float scale) =>
            [.. sum.Select((s, i) => float.FusedMultiplyAdd(s, scale, Origin[i])).Select(o => rectify && o <= 0 ? 0 : o)];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_length_has_the_bits_of_one_number_at_a_time(bool rectify)
    {
        for (int length = 0; length <= 257; length++)
        {
            var step = new Step(length, rectify);
            float[] next = new float[length], alone = new float[length], result = new float[length];
            float[] without = new float[length], with = new float[length];
            CoalitionStep.Add(new Addend(step.Part, Factor), step.Sum, alone);
            CoalitionStep.AddAndScale(new Addend(step.Part, Factor), step.Sum, step.Origin, new Outcome(Scale, result), rectify);
            Bits.Equal(step.Next, alone, $"sum of {length}");
            Bits.Equal(step.Without, result, $"result of {length}");
            foreach (bool isKept in new[] { true, false })
            {
                CoalitionStep.AddAndScaleTwo(
                    new Addend(step.Part, Factor), step.Sum, isKept ? next : [], new Addend(step.Last, LastFactor), step.Origin,
                    new Outcome(Scale, without), new Outcome(LastScale, with), rectify);
                Bits.Equal(step.Next, next, $"sum of {length}, with results");
                Bits.Equal(step.Without, without, $"result of {length} without the last");
                Bits.Equal(step.With, with, $"result of {length} with the last");
                without.AsSpan().Fill(9);
                with.AsSpan().Fill(9);
            }
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
        var step = new Step(length, rectify: true);
        step.Part[7] = float.NaN;
        step.Part[40] = float.PositiveInfinity;
        float[] next = new float[length], alone = new float[length], result = new float[length];
        float[] without = new float[length], with = new float[length];
        Assert.Equal(length, StepLanes<T>.Add(0, length, ref step.Part[0], Factor, ref step.Sum[0], ref alone[0]));
        Assert.Equal(length, StepLanes<T>.AddAndScale<Rectifier>(
            0, length, ref step.Part[0], Factor, ref step.Sum[0], Scale, ref step.Origin[0], ref result[0]));
        StepLanes<T>.AddAndScaleTwo<Rectifier>(
            length, new Addend(step.Part, Factor), step.Sum, next, new Addend(step.Last, LastFactor), step.Origin,
            new Outcome(Scale, without), new Outcome(LastScale, with));
        foreach ((float[] expected, float[] actual) in new[]
            { (step.Next, alone), (step.Next, next), (step.Without, result), (step.Without, without), (step.With, with) })
        {
            Assert.True(float.IsNaN(actual[7]) && float.IsNaN(expected[7]));
            actual[7] = expected[7]; // which NaN it is differs between processors
            Bits.Equal(expected, actual, $"{T.Count} lanes");
        }
    }

    [FactWithGuardPages]
    public void Nothing_outside_is_touched()
    {
        using GuardedMemory<float> a = new(300), b = new(300), c = new(300), d = new(300), e = new(300), f = new(300), g = new(300);
        for (int length = 1; length <= 67; length++)
        {
            var step = new Step(length, rectify: true);
            var empty = new float[length];
            foreach (bool atEnd in new[] { false, true })
            {
                Span<float> At(GuardedMemory<float> memory, float[] content) => atEnd ? memory.AtEnd(content) : memory.AtStart(content);
                Span<float> next = At(c, empty), without = At(e, empty), with = At(f, empty);
                var part = new Addend(At(a, step.Part), Factor);
                ReadOnlySpan<float> sum = At(b, step.Sum), origin = At(d, step.Origin);
                CoalitionStep.AddAndScaleTwo(
                    part, sum, next, new Addend(At(g, step.Last), LastFactor), origin, new Outcome(Scale, without), new Outcome(LastScale, with),
                    rectify: true);
                Bits.Equal(step.Next, next, $"sum of {length}");
                Bits.Equal(step.Without, without, $"result of {length} without the last");
                Bits.Equal(step.With, with, $"result of {length} with the last");
                without = At(e, empty);
                CoalitionStep.AddAndScale(part, sum, origin, new Outcome(Scale, without), rectify: true);
                Bits.Equal(step.Without, without, $"result of {length}");
                CoalitionStep.Add(part, sum, next);
                Bits.Equal(step.Next, next, $"sum alone of {length}");
            }
        }
    }

    [Fact]
    public void Lengths_that_differ_are_refused()
    {
        const string sentence = "A step takes as many numbers everywhere, but 3, 3 and 2 came.";
        float[] three = new float[3], two = new float[2];
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => CoalitionStep.Add(new Addend(three, 1), three, two)).Message);
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(
            () => CoalitionStep.AddAndScale(new Addend(three, 1), three, three, new Outcome(1, two), rectify: true)).Message);
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(
            () => CoalitionStep.AddAndScale(new Addend(three, 1), three, two, new Outcome(1, three), rectify: true)).Message);
        foreach (int wrong in Enumerable.Range(0, 5))
        {
            float[] Of(int which) => which == wrong ? two : three;
            Assert.Equal(sentence.Replace("3, 3 and 2", wrong == 0 || wrong == 3 ? "3, 2 and 3" : "3, 3 and 2"), Assert.Throws<ArgumentException>(
                () => CoalitionStep.AddAndScaleTwo(
                    new Addend(three, 1), Of(0), Of(2), new Addend(Of(1), 1), three, new Outcome(1, Of(3)), new Outcome(1, Of(4)),
                    rectify: true)).Message);
        }
    }
}
