using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

public class NetworkPassTests
{
    // fp32 chains of up to 300 terms of size about 1: 300 * 2^-24 is 1.8e-5, and a few layers pass it on.
    const double SinglePrecision = 1e-4;

    // Central differences with step 1e-5: curvature 1e-10, and a rounding of 1e-16 * loss / step.
    const double DifferenceStep = 1e-5;
    const double DifferenceError = 1e-7;

    public static TheoryData<string, int, int> Shapes => new()
    {
        { "softmax", 1, 2 },
        { "softmax", 7, 3 },
        { "softmax", 17, 10 },
        { "softmax", 64, 17 },
        { "mlp:1", 5, 2 },
        { "mlp:7,17", 3, 4 },
        { "mlp:17,1,7", 16, 3 },
        { "mlp:16,32", 8, 16 },
    };

    static readonly int[] Counts = [1, 3, 127, 128, 129, 300];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_are_those_of_the_reference(string architecture, int features, int classes)
    {
        Network network = MadeUp.Network(architecture, features, classes);
        float[] weights = MadeUp.Weights(network);
        foreach (int count in Counts)
        {
            LabelledRows rows = MadeUp.Rows(features, classes, count);
            float[][] logits = Pieces.Logits(network, weights, rows);
            for (int r = 0; r < count; r++)
                AssertClose(ReferenceNetwork.Logits(network, [.. weights], rows.Row(r)), logits[r]);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_are_those_of_the_reference(string architecture, int features, int classes)
    {
        Network network = MadeUp.Network(architecture, features, classes);
        float[] weights = MadeUp.Weights(network);
        foreach (int count in Counts)
        {
            LabelledRows rows = MadeUp.Rows(features, classes, count);
            AssertClose(ReferenceNetwork.Gradient(network, [.. weights], rows), Pieces.Gradient(network, weights, rows));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_are_slopes_of_the_loss(string architecture, int features, int classes)
    {
        Network network = MadeUp.Network(architecture, features, classes);
        LabelledRows rows = MadeUp.Rows(features, classes, count: 5);
        double[] weights = [.. MadeUp.Weights(network)];
        double[] slopes = new double[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            double[] above = [.. weights], below = [.. weights];
            above[i] += DifferenceStep;
            below[i] -= DifferenceStep;
            slopes[i] = (ReferenceNetwork.Loss(network, above, rows) - ReferenceNetwork.Loss(network, below, rows)) / (2 * DifferenceStep);
        }
        Assert.All(
            ReferenceNetwork.Gradient(network, weights, rows).Zip(slopes),
            pair => Assert.InRange(pair.First - pair.Second, -DifferenceError, DifferenceError));
        AssertClose(slopes, Pieces.Gradient(network, [.. weights.Select(w => (float)w)], rows));
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("mlp:7,17")]
    public void Bits_do_not_depend_on_how_rows_are_cut_into_pieces(string architecture)
    {
        Network network = MadeUp.Network(architecture, features: 5, classes: 3);
        float[] weights = MadeUp.Weights(network);
        LabelledRows rows = MadeUp.Rows(5, 3, count: 300);
        uint[] logits = Logits(128), gradient = Gradient(128);
        foreach (int length in new[] { 1, 3, 37, 64, 127 })
        {
            Assert.Equal(logits, Logits(length));
            Assert.Equal(gradient, Gradient(length));
        }

        uint[] Logits(int length) => [.. Pieces.Logits(network, weights, rows, length).SelectMany(row => Bits.Of(row))];
        uint[] Gradient(int length) => Bits.Of(Pieces.Gradient(network, weights, rows, length));
    }

    [Fact]
    public void A_pass_that_was_used_before_gives_the_bits_of_a_new_one()
    {
        Network network = MadeUp.Network("mlp:7,17", features: 5, classes: 3);
        var used = new NetworkPass(network);
        Pieces.Gradient(network, MadeUp.Weights(network, seed: 8), MadeUp.Rows(5, 3, count: 300, seed: 9), pass: used);
        float[] weights = MadeUp.Weights(network);
        LabelledRows rows = MadeUp.Rows(5, 3, count: 20);
        Assert.Equal(
            Bits.Of(Pieces.Gradient(network, weights, rows)), Bits.Of(Pieces.Gradient(network, weights, rows, pass: used)));
    }

    [Fact]
    public void A_gradient_is_scaled_and_added_to_what_is_there()
    {
        Network network = MadeUp.Network("mlp:4", features: 3, classes: 2);
        float[] weights = MadeUp.Weights(network);
        LabelledRows rows = MadeUp.Rows(3, 2, count: 6);
        var pass = new NetworkPass(network);
        pass.Load(weights);
        pass.Forward(rows.Features, rows.Count);
        var gradient = new float[network.WeightCount];
        Array.Fill(gradient, 10);
        pass.Backward(rows.Features, rows.Labels, scale: 0.25, gradient);
        double[] expected = [.. ReferenceNetwork.Gradient(network, [.. weights], rows).Select(g => 10 + 0.25 * g)];
        AssertClose(expected, gradient);
    }

    [Fact]
    public void A_unit_at_exactly_zero_passes_no_gradient_as_in_PyTorch()
    {
        Network network = MadeUp.Network("mlp:4", features: 3, classes: 2);
        float[] weights = MadeUp.Weights(network);
        DenseLayer hidden = network.Layers[0];
        weights.AsSpan(0, hidden.BiasOffset + hidden.Outputs).Clear();
        float[] gradient = Pieces.Gradient(network, weights, MadeUp.Rows(3, 2, count: 6));
        Assert.All(gradient[..(hidden.BiasOffset + hidden.Outputs)], g => Assert.Equal(0, g));
        Assert.Contains(gradient[network.Layers[1].BiasOffset..], g => g != 0);
    }

    [Fact]
    public void A_hidden_overflow_shows_in_the_logits()
    {
        // Two units overflow, and the unit that takes their difference is infinity minus infinity.
        Network network = MadeUp.Network("mlp:2,1", features: 1, classes: 2);
        float[] weights = [3e38f, 3e38f, 0, 0, 1, -1, 0, 1, 1, 0, 0];
        float[][] logits = Pieces.Logits(network, weights, new LabelledRows(1, [2], [0]));
        Assert.All(logits[0], logit => Assert.Equal(float.NaN, logit));
    }

    static void AssertClose(double[] expected, float[] actual)
    {
        double tolerance = SinglePrecision * (1 + expected.Max(Math.Abs));
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i] - expected[i], -tolerance, tolerance);
    }
}
