using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Products;
using FedValue.Kernels.Tiles;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Tiles;

public sealed class TileLayerTests
{
    const int Rows = TileLayer.Rows;

    [Fact]
    public void Every_number_of_inputs_and_units_has_the_bits_of_the_scalar_chain()
    {
        for (int inputs = 1; inputs <= 257; inputs += inputs < 40 ? 1 : 31)
        {
            foreach (int units in new[] { 1, 2, 3, 4, 5, 6, 7, 10, 13, 14, 15, 28, 29, 64 })
            {
                float[] weights = Samples.Singles(inputs * units, 1), input = Samples.Singles(inputs * Rows, 2), biases = Samples.Singles(units, 3);
                float[] expected = Expected(weights, biases, input, inputs, units);
                var layer = new TileLayer(inputs, units);
                float[] packed = new float[layer.PackedLength], output = new float[layer.OutputLength];
                layer.Pack(weights, packed);
                layer.Apply(packed, [.. biases, .. new float[layer.PaddedOutputs - units]], input, output);
                Bits.Equal(expected, output.AsSpan(0, units * Rows), $"{inputs} inputs, {units} units");
                Assert.All(output[(units * Rows)..], beyond => Assert.Equal(0, beyond));
            }
        }
    }

    [Fact]
    public void Every_register_kernel_has_the_same_bits()
    {
        AssertKernel<Kernel512, Kernel512Rest>();
        AssertKernel<Kernel256, Kernel256>();
        AssertKernel<Kernel128, Kernel128>();
        AssertKernel<KernelScalar, KernelScalar>();
    }

    static void AssertKernel<TKernel, TRest>() where TKernel : struct, IRegisterKernel where TRest : struct, IRegisterKernel
    {
        foreach ((int inputs, int units) in new[] { (1, 1), (5, 14), (33, 17), (64, 10), (3, 22), (300, 27) })
        {
            float[] weights = Samples.Singles(inputs * units, 1), input = Samples.Singles(inputs * Rows, 2), biases = Samples.Singles(units, 3);
            int padded = TileProduct<TKernel, TRest>.Padded(units);
            float[] packed = new float[padded * inputs], output = new float[padded * Rows];
            for (int unit = 0; unit < units; unit++)
                output.AsSpan(unit * Rows, Rows).Fill(biases[unit]);
            TileProduct<TKernel, TRest>.Pack(weights, inputs, units, packed);
            TileProduct<TKernel, TRest>.MultiplyAdd(packed, inputs, 0, input, units, output);
            Bits.Equal(
                Expected(weights, biases, input, inputs, units), output.AsSpan(0, units * Rows), $"{typeof(TKernel).Name}, {inputs} x {units}");
        }
    }

    [Fact]
    public void Inputs_in_any_pieces_give_the_bits_of_all_at_once()
    {
        const int inputs = 300, units = 23;
        float[] weights = Samples.Singles(inputs * units, 1), input = Samples.Singles(inputs * Rows, 2), biases = Samples.Singles(units, 3);
        float[] expected = Expected(weights, biases, input, inputs, units);
        var layer = new TileLayer(inputs, units);
        var packed = new float[layer.PackedLength];
        layer.Pack(weights, packed);
        foreach (int piece in new[] { 1, 7, 64, 128, 299 })
        {
            var output = new float[layer.OutputLength];
            layer.Begin([.. biases, .. new float[layer.PaddedOutputs - units]], output);
            for (int first = 0; first < inputs; first += piece)
                layer.Add(packed, first, input.AsSpan(first * Rows, Math.Min(piece, inputs - first) * Rows), output);
            Bits.Equal(expected, output.AsSpan(0, units * Rows), $"pieces of {piece}");
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => layer.Add(packed, 1, input, new float[layer.OutputLength]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(37)]
    public void Losses_of_a_tile_are_those_of_its_rows_to_the_bit(int classes)
    {
        float[] logits = Array.ConvertAll(Samples.Singles(classes * Rows, 7), logit => Math.Clamp(logit, -800, 800));
        int[] labels = [.. Enumerable.Range(0, Rows).Select(r => r * 5 % classes)];
        logits[3] = float.NaN; // class 0 of row 3
        logits[^2] = float.PositiveInfinity; // the last class of row 30
        logits[^1] = logits[Rows - 1]; // a tie, unless there is one class
        double[] expected = new double[Rows], actual = new double[Rows];
        for (int r = 0; r < Rows; r++)
        {
            float[] row = [.. Enumerable.Range(0, classes).Select(c => logits[c * Rows + r])];
            expected[r] = CrossEntropy.Loss(row, labels[r]);
            Assert.Equal(CrossEntropy.Predicted(row), TileLosses.Predicted(logits, classes, r));
        }
        TileLosses.Of(logits, classes, labels, actual);
        AssertSame(expected, actual);
        LossLanes<EightLanes, SixteenSingles>.Of(ref logits[0], classes, ref labels[0], ref actual[0]);
        AssertSame(expected, actual);
        LossLanes<FourLanes, EightSingles>.Of(ref logits[0], classes, ref labels[0], ref actual[0]);
        AssertSame(expected, actual);
        LossLanes<TwoLanes, FourSingles>.Of(ref logits[0], classes, ref labels[0], ref actual[0]);
        AssertSame(expected, actual);
        TileLosses.OneByOne(logits, classes, labels, actual);
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void A_label_that_is_no_class_is_refused(int label)
    {
        int[] labels = new int[Rows];
        labels[^1] = label;
        Assert.Throws<ArgumentOutOfRangeException>(() => TileLosses.Of(Samples.Singles(3 * Rows, 7), 3, labels, new double[Rows]));
    }

    [FactWithGuardPages]
    public void Losses_of_a_tile_touch_nothing_beside_it()
    {
        using GuardedMemory<float> logits = new(10 * Rows);
        using GuardedMemory<int> labels = new(Rows);
        using GuardedMemory<double> losses = new(Rows);
        for (int classes = 1; classes <= 10; classes++)
        {
            float[] numbers = Samples.Singles(classes * Rows, 7);
            int[] ofRows = [.. Enumerable.Range(0, Rows).Select(r => r % classes)];
            double[] expected = new double[Rows];
            TileLosses.Of(numbers, classes, ofRows, expected);
            Span<double> first = losses.AtStart(new double[Rows]);
            TileLosses.Of(logits.AtStart(numbers), classes, labels.AtStart(ofRows), first);
            Bits.Equal(expected, first.ToArray(), $"{classes} classes, at the start");
            Span<double> last = losses.AtEnd(new double[Rows]);
            TileLosses.Of(logits.AtEnd(numbers), classes, labels.AtEnd(ofRows), last);
            Bits.Equal(expected, last.ToArray(), $"{classes} classes, at the end");
        }
    }

    /// <summary>The same bits, and NaN where NaN is expected: which one it is differs between processors.</summary>
    static void AssertSame(double[] expected, double[] actual) => Bits.Equal(
        Array.ConvertAll(expected, loss => double.IsNaN(loss) ? 0 : loss),
        [.. actual.Select((loss, r) => double.IsNaN(loss) && double.IsNaN(expected[r]) ? 0 : loss)], "losses");

    static float[] Expected(float[] weights, float[] biases, float[] input, int inputs, int units)
    {
        float[] expected = [.. biases.SelectMany(bias => Enumerable.Repeat(bias, Rows))];
        ScalarProduct.MultiplyAdd(weights, inputs, input, Rows, expected, Rows, units, inputs, Rows);
        return expected;
    }
}
