using FedValue.Contracts.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Tiles;

public sealed class TrainingStepTests
{
    const float Rate = 0.05f, Momentum = 0.9f, Decay = 0.001f;

    static (float[] Weights, float[] Velocity) Expected(float[] weights, float[] gradient, float[] velocity)
    {
        (float[] w, float[] v) = ([.. weights], [.. velocity]);
        for (int i = 0; i < w.Length; i++)
        {
            float g = gradient[i] + Decay * w[i];
            v[i] = Momentum * v[i] + g;
            w[i] -= Rate * v[i];
        }
        return (w, v);
    }

    [Fact]
    public void Every_length_has_the_bits_of_one_number_at_a_time()
    {
        for (int length = 0; length <= 257; length++)
        {
            float[] weights = Samples.Singles(length, 1), gradient = Samples.Singles(length, 2), velocity = Samples.Singles(length, 3);
            (float[] w, float[] v) = Expected(weights, gradient, velocity);
            float[] rectified = [.. weights], kept = [.. gradient];
            TrainingStep.Rectify(rectified);
            TrainingStep.KeepPositive(kept, weights);
            Bits.Equal(Array.ConvertAll(weights, x => x <= 0 ? 0 : x), rectified, $"ReLU of {length}");
            Bits.Equal([.. gradient.Select((g, i) => weights[i] <= 0 ? 0 : g)], kept, $"the way back through {length}");
            TrainingStep.Descend(weights, gradient, velocity, Rate, Momentum, Decay);
            Bits.Equal(w, weights, $"{length} weights");
            Bits.Equal(v, velocity, $"{length} velocities");
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
        float[] weights = Samples.Singles(length, 4), gradient = Samples.Singles(length, 5), velocity = Samples.Singles(length, 6);
        (float[] w, float[] v) = Expected(weights, gradient, velocity);
        Assert.Equal(length, TrainingLanes<T>.Descend(
            0, length, ref weights[0], ref gradient[0], ref velocity[0], Rate, Momentum, Decay));
        Bits.Equal(w, weights, $"weights, {T.Count} lanes");
        Bits.Equal(v, velocity, $"velocities, {T.Count} lanes");
        float[] values = [-1, 0, -0.0f, 1, float.NaN, float.NegativeInfinity, float.PositiveInfinity, float.Epsilon, .. new float[8]];
        TrainingLanes<T>.KeepPositive(0, values.Length, ref values[0], ref values[0]);
        Assert.True(float.IsNaN(values[4]));
        values[4] = 0;
        Bits.Equal([0, 0, 0, 1, 0, 0, float.PositiveInfinity, float.Epsilon, .. new float[8]], values, $"ReLU of {T.Count} lanes");
    }

    [FactWithGuardPages]
    public void Nothing_outside_is_touched()
    {
        using GuardedMemory<float> a = new(300), b = new(300), c = new(300);
        for (int length = 1; length <= 67; length++)
        {
            float[] weights = Samples.Singles(length, 1), gradient = Samples.Singles(length, 2), velocity = Samples.Singles(length, 3);
            (float[] expected, _) = Expected(weights, gradient, velocity);
            foreach (bool atEnd in new[] { false, true })
            {
                Span<float> At(GuardedMemory<float> memory, float[] content) => atEnd ? memory.AtEnd(content) : memory.AtStart(content);
                Span<float> w = At(a, weights);
                TrainingStep.Descend(w, At(b, gradient), At(c, velocity), Rate, Momentum, Decay);
                Bits.Equal(expected, w, $"{length} weights");
                TrainingStep.KeepPositive(w, At(b, gradient));
            }
        }
    }

    [Fact]
    public void Lengths_that_differ_are_refused()
    {
        float[] three = new float[3], two = new float[2];
        Assert.StartsWith("3 values need as many outputs, but 2 came.",
            Assert.Throws<ArgumentException>(() => TrainingStep.KeepPositive(three, two)).Message);
        Assert.Equal("3 weights need as many numbers of gradient and velocity, but 3 and 2 came.",
            Assert.Throws<ArgumentException>(() => TrainingStep.Descend(three, three, two, 1, 0, 0)).Message);
    }
}
