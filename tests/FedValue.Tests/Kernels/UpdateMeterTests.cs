using System.Runtime.InteropServices;
using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class UpdateMeterTests
{
    const int Tile = 2048;

    static float[][] References(int d, int count) => [.. Enumerable.Range(0, count).Select(k => Samples.Singles(d, (uint)(4000 + k)))];

    static double[] Measured(float[] origin, float[] model, float[][] references) =>
        new CpuBackend(1).Measure(new UpdateRows(origin, [model]), 0, references);

    static byte[] Bytes(float[] model) => MemoryMarshal.AsBytes<float>(model).ToArray();

    [Fact]
    public void Figures_have_the_bits_of_the_whole_update_at_every_length()
    {
        foreach (int d in Samples.Lengths)
        {
            float[] origin = Samples.Singles(d, 1000), model = Samples.Singles(d, 2000);
            float[][] references = References(d, d % 6);
            var meter = new UpdateMeter(origin, references);
            meter.Append(Bytes(model));
            Bits.Equal(Measured(origin, model, references), meter.Figures(), $"{d} weights");
            Assert.Equal((4L * d, true, null), (meter.Received, meter.IsComplete, meter.FirstNotFinite));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(Tile - 1)]
    [InlineData(Tile)]
    [InlineData(2 * Tile + 5)]
    [InlineData(35 * Tile + 1)]
    public void Wherever_the_bytes_are_cut_the_bits_are_the_same(int d)
    {
        float[] origin = Samples.Singles(d, 1000), model = Samples.Singles(d, 2000);
        float[][] references = References(d, 2);
        double[] expected = Measured(origin, model, references);

        // One byte further along, so that no weight lies on a multiple of 4.
        byte[] shifted = [0, .. Bytes(model)];
        IEnumerable<int> cuts = Enumerable.Range(0, d / Tile + 1).SelectMany(tile => Enumerable.Range(4 * Tile * tile - 9, 19))
            .Append(4 * d).Where(cut => cut >= 0 && cut <= 4 * d);
        foreach (int cut in cuts)
        {
            var meter = new UpdateMeter(origin, references);
            meter.Append(shifted.AsSpan(1, cut));
            Assert.Equal(cut, meter.Received);
            meter.Append(shifted.AsSpan(1 + cut));
            Bits.Equal(expected, meter.Figures(), $"{d} weights, cut at byte {cut}");
        }
        foreach (int size in new[] { 1, 3, 7, 64, 4093, 8192, 8195, 100_000 })
        {
            if (size == 1 && d > 3 * Tile)
                continue;
            var meter = new UpdateMeter(origin, references);
            for (int at = 0; at < 4 * d; at += size)
                meter.Append(shifted.AsSpan(1 + at, Math.Min(size, 4 * d - at)));
            Bits.Equal(expected, meter.Figures(), $"{d} weights, pieces of {size} bytes");
        }
    }

    [Fact]
    public void The_first_weight_that_is_not_finite_is_found_wherever_it_is()
    {
        foreach (int d in new[] { 1, 257, 2 * Tile + 3 })
        {
            float[] origin = Samples.Singles(d, 1000);
            IEnumerable<int> places = d <= 257 ? Enumerable.Range(0, d) : [0, Tile - 1, Tile, 2 * Tile - 1, 2 * Tile, d - 1];
            foreach (int place in places)
            {
                foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
                {
                    float[] model = Samples.Singles(d, 2000);
                    model[place] = bad;
                    model[d - 1] = bad;
                    var meter = new UpdateMeter(origin, []);
                    meter.Append(Bytes(model));
                    Assert.Equal(place, meter.FirstNotFinite);
                    Assert.False(double.IsFinite(meter.Figures()[0]));
                }
            }
        }
    }

    [Theory]
    [InlineData(WeightFormat.F16)]
    [InlineData(WeightFormat.BF16)]
    public void Half_precision_is_widened_exactly_for_every_pattern_of_bits(WeightFormat format)
    {
        ushort[] patterns = [.. Enumerable.Range(0, 65_536).Select(bits => (ushort)bits)];
        float[] widened = [.. patterns.Select(bits => Value(format, bits))];
        var all = new UpdateMeter(new float[patterns.Length], [], format);
        all.Append(MemoryMarshal.AsBytes<ushort>(patterns));
        Assert.Equal(Array.FindIndex(widened, value => !float.IsFinite(value)), all.FirstNotFinite);

        ushort[] finite = [.. patterns.Where(bits => float.IsFinite(Value(format, bits)))];
        float[] model = [.. finite.Select(bits => Value(format, bits))], origin = Samples.Singles(finite.Length, 1000);
        float[][] references = References(finite.Length, 3);
        var meter = new UpdateMeter(origin, references, format);
        byte[] bytes = MemoryMarshal.AsBytes<ushort>(finite).ToArray();
        meter.Append(bytes.AsSpan(0, 4097));
        meter.Append(bytes.AsSpan(4097));
        Bits.Equal(Measured(origin, model, references), meter.Figures(), $"{format}");
        Assert.Null(meter.FirstNotFinite);
    }

    [Fact]
    public void Double_precision_is_rounded_to_the_nearest_single()
    {
        foreach (int d in new[] { 1, 7, 2 * Tile + 3 })
        {
            float[] origin = Samples.Singles(d, 1000), near = Samples.Singles(d, 2000);
            double[] written = [.. near.Select((w, i) => w * (1 + 1e-9 * (i % 3 - 1)))];
            float[] model = [.. written.Select(w => (float)w)];
            float[][] references = References(d, 2);
            var meter = new UpdateMeter(origin, references, WeightFormat.F64);
            byte[] bytes = MemoryMarshal.AsBytes<double>(written).ToArray();
            meter.Append(bytes.AsSpan(0, 3));
            meter.Append(bytes.AsSpan(3));
            Bits.Equal(Measured(origin, model, references), meter.Figures(), $"{d} doubles");
            Assert.Null(meter.FirstNotFinite);
        }
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void A_double_that_no_single_can_hold_is_found_with_its_value(double bad)
    {
        double[] written = new double[Tile + 9];
        written[Tile + 3] = written[Tile + 5] = bad;
        var meter = new UpdateMeter(new float[written.Length], [], WeightFormat.F64);
        meter.Append(MemoryMarshal.AsBytes<double>(written));
        Assert.Equal((Tile + 3, bad), (meter.FirstNotFinite, meter.NotFinite));
    }

    [Theory]
    [InlineData(WeightFormat.F16, 65_536, 2)]
    [InlineData(WeightFormat.BF16, 65_536, 2)]
    [InlineData(WeightFormat.F32, 300, 4)]
    [InlineData(WeightFormat.F64, 300, 8)]
    public void Numbers_that_are_not_measured_are_scanned_wherever_they_are_cut(WeightFormat format, int count, int width)
    {
        byte[] bytes = new byte[count * width];
        int expected = count - 2;
        for (int i = 0; width == 2 && i < count; i++)
        {
            ushort bits = float.IsFinite(Value(format, (ushort)i)) ? (ushort)i : (ushort)0;
            BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), bits);
        }
        bytes.AsSpan((expected + 1) * width - 2, 2).Fill(0xff);
        bytes.AsSpan((expected + 2) * width - 2, 2).Fill(0xff);
        foreach (int piece in new[] { 1, 3, 7, 64, bytes.Length })
        {
            var scan = new FiniteScan(format);
            for (int at = 0; at < bytes.Length; at += piece)
            {
                Assert.Null(at <= expected * width ? scan.First : null);
                scan.Append(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            }
            Assert.Equal((expected, double.NaN), scan.First);
        }
    }

    [Fact]
    public void A_double_beyond_single_precision_is_finite_unless_it_is_a_weight()
    {
        double[] numbers = [.. Enumerable.Repeat(double.BitDecrement(3.4028235677973366e38), 9), 3.4028235677973366e38, -1e300];
        byte[] bytes = [.. numbers.SelectMany(BitConverter.GetBytes)];
        var buffer = new FiniteScan(WeightFormat.F64);
        buffer.Append(bytes);
        Assert.Null(buffer.First);
        var weights = new FiniteScan(WeightFormat.F64, asSingle: true);
        weights.Append(bytes);
        Assert.Equal((9, numbers[9]), weights.First);
    }

    [Theory]
    [InlineData(WeightFormat.F32)]
    [InlineData(WeightFormat.F64)]
    public void The_largest_finite_numbers_pass_and_an_infinity_is_found_at_every_place(WeightFormat format)
    {
        byte[] Bytes(bool isInfinite) => format == WeightFormat.F32
            ? BitConverter.GetBytes(isInfinite ? float.NegativeInfinity : float.MaxValue)
            : BitConverter.GetBytes(isInfinite ? double.NegativeInfinity : double.MaxValue);
        for (int place = 0; place <= 20; place++) // the last one: nowhere
        {
            var scan = new FiniteScan(format);
            scan.Append([.. Enumerable.Range(0, 20).SelectMany(i => Bytes(i == place))]);
            Assert.Equal(place < 20 ? (place, double.NegativeInfinity) : null, scan.First);
        }
    }

    /// <summary>Sign, exponent and fraction as the format's definition reads them.</summary>
    static float Value(WeightFormat format, ushort bits)
    {
        int fractionBits = format == WeightFormat.F16 ? 10 : 7, bias = format == WeightFormat.F16 ? 15 : 127;
        int exponent = (bits & 0x7fff) >> fractionBits, fraction = bits & ((1 << fractionBits) - 1), sign = bits >> 15 == 0 ? 1 : -1;
        if (exponent == 2 * bias + 1)
            return fraction == 0 ? sign * float.PositiveInfinity : float.NaN;
        double size = exponent == 0
            ? Math.ScaleB(fraction, 1 - bias - fractionBits)
            : Math.ScaleB(fraction + (1 << fractionBits), exponent - bias - fractionBits);
        return (float)(sign * size);
    }

    [Fact]
    public void Too_few_and_too_many_bytes_and_references_that_do_not_fit_are_refused_with_a_sentence()
    {
        var meter = new UpdateMeter(new float[5], []);
        meter.Append(new byte[19]);
        Assert.Equal("The model has 20 bytes of weights, but only 19 have come.",
            Assert.Throws<InvalidOperationException>(meter.Figures).Message);
        Assert.StartsWith("The model has 5 weights of 4 bytes, but 2 bytes more came.",
            Assert.Throws<ArgumentException>(() => meter.Append(new byte[3])).Message);
        Assert.StartsWith("The updates have 5 weights, but a reference has 4.",
            Assert.Throws<ArgumentException>(() => new UpdateMeter(new float[5], [new float[5], new float[4]])).Message);
    }

    [Fact]
    public void A_model_without_weights_is_complete_at_once()
    {
        var meter = new UpdateMeter(Array.Empty<float>(), [[], []]);
        meter.Append([]);
        Bits.Equal(new double[3], meter.Figures(), "figures");
    }
}
