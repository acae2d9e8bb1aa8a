using System.Buffers.Binary;
using System.Collections.Immutable;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

/// <summary>Model files of every type that a manifest may have.</summary>
public sealed class MixedModelFileTests
{
    static readonly ModelManifest Manifest = new(
    [
        new("half", TensorType.F16, [2], TensorRole.Weight), new("mean", TensorType.F64, [1], TensorRole.Buffer),
        new("double", TensorType.F64, [1, 2], TensorRole.Weight), new("count", TensorType.I64, [], TensorRole.Buffer),
        new("brain", TensorType.BF16, [2], TensorRole.Weight), new("single", TensorType.F32, [1], TensorRole.Weight),
    ]);

    static readonly Tensor[] Buffers = [Tensor.OfDoubles("mean", [1], [1e300]), Tensor.OfInt64s("count", [], [long.MinValue])];

    static ModelManifest Only(TensorType type, int count) => new([new("w", type, [count], TensorRole.Weight)]);

    [Fact]
    public void A_model_of_every_type_comes_back_as_it_was()
    {
        float[] weights = [0.5f, -65504, 0.1f, float.MaxValue, -0f, 3.25f, float.Epsilon];
        byte[] file = ModelFile.Write(Manifest, weights, [.. Buffers]);
        Assert.Equal(weights, ModelFile.ReadWeights(Manifest, file));
        ImmutableArray<Tensor> buffers = ModelFile.ReadBuffers(Manifest, file);
        Assert.Equal(Buffers.Select(Shown), buffers.Select(Shown));
        Assert.Equal(Manifest.Tensors.Select(t => (t.Name, t.Form)), SafetensorsFile.Read(file).Tensors.Select(t => (t.Name, t.Form)));
        Assert.Equal(file, ModelFile.Write(Manifest, weights, buffers));

        static string Shown(Tensor tensor) => $"{tensor.Name} {tensor.Form} {Convert.ToHexString(tensor.Bytes.Span)}";
    }

    [Fact]
    public void Buffers_that_are_not_the_manifests_are_refused()
    {
        float[] weights = new float[7];
        Assert.Throws<ArgumentException>(() => ModelFile.Write(Manifest, weights));
        Assert.Throws<ArgumentException>(() => ModelFile.Write(Manifest, weights, [.. Buffers.Reverse()]));
        Assert.Throws<ArgumentException>(() => ModelFile.Write(Manifest, weights, [Buffers[0], Tensor.OfInt64s("count", [1], [1])]));
        Assert.Empty(ModelFile.ReadBuffers(Only(TensorType.F32, 1), ModelFile.Write(Only(TensorType.F32, 1), [1])));
    }

    [Theory]
    [InlineData(1.0 + 1.0 / 2048, 1.0)] // halfway between 1 and the next F16: the even one
    [InlineData(1.0 + 3.0 / 2048, 1.0 + 2.0 / 1024)]
    [InlineData(65519.996, 65504)]
    [InlineData(5.9604645e-8, 5.960464477539063e-8)]
    [InlineData(2e-8, 0)]
    public void Half_precision_is_rounded_to_the_nearest_with_ties_to_even(double weight, double expected) =>
        Assert.Equal((float)expected, Assert.Single(
            ModelFile.ReadWeights(Only(TensorType.F16, 1), ModelFile.Write(Only(TensorType.F16, 1), [(float)weight]))));

    [Fact]
    public void The_upper_half_is_rounded_to_the_nearest_with_ties_to_even()
    {
        foreach ((uint bits, uint expected) in new (uint, uint)[]
        {
            (0x3f80_0000, 0x3f80), (0x3f80_8000, 0x3f80), (0x3f81_8000, 0x3f82), (0x3f80_8001, 0x3f81), (0xbf81_7fff, 0xbf81), (0x0000_8001, 1),
            (0x7f80_0000, 0x7f80), (0xff80_0001, 0xffc0), (0x7f7f_7fff, 0x7f7f),
        })
        {
            byte[] file = ModelFile.Write(Only(TensorType.BF16, 1), [BitConverter.UInt32BitsToSingle(bits)]);
            Assert.Equal(expected, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(file.Length - 2)));
        }
    }

    [Fact]
    public void A_double_is_rounded_to_the_nearest_single_and_one_out_of_range_is_infinite()
    {
        double tie = 1 + Math.ScaleB(1, -24), above = Math.BitIncrement(tie);
        byte[] file = SafetensorsWriter.Write([Tensor.OfDoubles("w", [5], [tie, above, 0.1, 1e300, 1e-50])]);
        Assert.Equal(
            [1, 1 + Math.ScaleB(1, -23), (double)0.1f, double.PositiveInfinity, 0],
            ModelFile.ReadWeights(Only(TensorType.F64, 5), file).Select(weight => (double)weight));
    }

    [Theory]
    [InlineData(TensorType.F16, 65520f)]
    [InlineData(TensorType.F16, -1e30f)]
    [InlineData(TensorType.BF16, float.MaxValue)]
    public void A_weight_that_its_type_cannot_hold_never_becomes_infinite_silently(TensorType type, float weight)
    {
        ModelManifest manifest = Only(type, 2);
        Assert.Equal((manifest.Tensors[0], 1, weight), ModelFile.FindNotFinite(manifest, [1, weight]));
        string refusal = Assert.Throws<ArgumentException>(() => ModelFile.Write(manifest, [1, weight])).Message;
        Assert.StartsWith($"A weight of type {type} cannot hold {weight}, element 1 of tensor 'w'; ", refusal);
        Assert.Null(ModelFile.FindNotFinite(Only(TensorType.F64, 2), [1, weight]));
    }

    [Fact]
    public void A_number_of_a_buffer_that_is_not_finite_is_found()
    {
        Assert.Null(ModelFile.FindNotFinite(Buffers));
        Assert.Equal(("m", 1, double.NaN), ModelFile.FindNotFinite([Buffers[1], Tensor.OfDoubles("m", [2], [1e300, double.NaN])]));
        Assert.Equal(("h", 0, double.NegativeInfinity), ModelFile.FindNotFinite([new Tensor("h", TensorType.F16, [1], new byte[] { 0, 0xfc })]));
        Assert.Equal(("s", 0, double.PositiveInfinity), ModelFile.FindNotFinite([Tensor.OfSingles("s", [1], [float.PositiveInfinity])]));
    }

    [Fact]
    public void A_manifest_is_made_of_a_header_and_names_of_buffers()
    {
        Tensor[] tensors = [Tensor.OfSingles("w", [1], [1]), Tensor.OfInt64s("steps", [], [1]), Tensor.OfDoubles("mean", [], [1])];
        var header = SafetensorsHeader.Parse(SafetensorsWriter.Write(tensors));
        ModelManifest manifest = ModelManifest.Of(header, ["mean"]);
        Assert.Equal(["w: F32 [1] Weight", "steps: I64 [] Buffer", "mean: F64 [] Buffer"], manifest.Tensors.Select(tensor => $"{tensor}"));
        Assert.Equal(["steps", "mean"], manifest.Buffers.Select(tensor => tensor.Name));
        Assert.Equal(20 + 8 + SafetensorsHeader.LengthMax, manifest.FileLengthMax);
        Assert.Equal(1, ModelManifest.Of(header, ["mean", "steps"]).WeightCount);
        Assert.Equal(
            "Buffers are tensors of the file, but it has no tensor 'Mean'; it has 'w', 'steps', 'mean'.",
            Assert.Throws<FormatException>(() => ModelManifest.Of(header, ["Mean"])).Message);

        var other = SafetensorsHeader.Parse(SafetensorsWriter.Write([new Tensor("u", TensorType.U8, [1], new byte[1])]));
        Assert.StartsWith("A weight is F32", Assert.Throws<FormatException>(() => ModelManifest.Of(other, [])).Message);
        Assert.StartsWith("A buffer is F32", Assert.Throws<FormatException>(() => ModelManifest.Of(other, ["u"])).Message);
    }
}
