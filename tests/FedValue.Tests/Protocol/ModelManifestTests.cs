using System.Text;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class ModelManifestTests
{
    static readonly TensorSpec Weight = new("layer1.weight", TensorType.F32, [10, 64], TensorRole.Weight);
    static readonly TensorSpec Mean = new("norm.mean", TensorType.F32, [10], TensorRole.Buffer);
    static readonly TensorSpec Batches = new("norm.batches", TensorType.I64, [], TensorRole.Buffer);
    static readonly TensorSpec Bias = new("layer1.bias", TensorType.F64, [10], TensorRole.Weight);
    static readonly TensorSpec Scale = new("scale", TensorType.BF16, [], TensorRole.Weight);

    [Fact]
    public void Weights_lie_one_after_the_other_and_buffers_not_at_all()
    {
        var manifest = new ModelManifest([Weight, Mean, Batches, Bias, Scale]);
        Assert.Equal(651, manifest.WeightCount);
        Assert.Equal<WeightSlice>(
            [new WeightSlice(Weight, 0, 640), new WeightSlice(Bias, 640, 10), new WeightSlice(Scale, 650, 1)], manifest.Weights);
        Assert.Equal((640 * 4) + (10 * 4) + 8 + (10 * 8) + 2, manifest.DataLength);
    }

    [Fact]
    public void A_manifest_has_these_bytes() =>
        Assert.Equal(
            """{"format":"fedvalue-model-1","tensors":["""
            + """{"name":"layer1.weight","dtype":"F32","shape":[10,64],"role":"weight"},"""
            + """{"name":"norm.batches","dtype":"I64","shape":[],"role":"buffer"}]}""",
            Encoding.UTF8.GetString(new ModelManifest([Weight, Batches]).ToJson()));

    [Fact]
    public void What_was_written_is_read_again()
    {
        TensorSpec odd = new("é\"\\\n\U0001F600<", TensorType.F16, [0, 3], TensorRole.Weight);
        byte[] json = new ModelManifest([Weight, Mean, odd, Batches]).ToJson();
        ModelManifest read = ModelManifest.Parse(json);
        Assert.Equal<TensorSpec>([Weight, Mean, odd, Batches], read.Tensors);
        Assert.Equal(json, read.ToJson());
    }

    [Fact]
    public void A_manifest_without_tensors_is_read_again() =>
        Assert.Equal(0, ModelManifest.Parse(new ModelManifest([]).ToJson()).WeightCount);

    [Fact]
    public void Specs_are_compared_by_what_they_say()
    {
        TensorSpec same = Weight with { Shape = [10, 64] };
        Assert.Equal(Weight, same);
        Assert.Equal(Weight.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(Weight, Weight with { Shape = [64, 10] });
        Assert.NotEqual(Weight, Weight with { Role = TensorRole.Buffer });
        Assert.NotEqual(Weight, Weight with { Type = TensorType.F64 });
        Assert.NotEqual(Weight, Weight with { Name = "layer2.weight" });
    }

    [Fact]
    public void A_name_is_neither_empty_nor_long_nor_reserved_nor_half_a_character()
    {
        Accepted(Weight with { Name = new('x', 256) });
        Refused("256", Weight with { Name = new('x', 257) });
        Refused("empty", Weight with { Name = "" });
        Refused("__metadata__", Weight with { Name = "__metadata__" });
        Refused("surrogate", Weight with { Name = "x\ud800" });
        Refused("'norm.mean' comes twice", Mean, Weight, Mean);
    }

    [Fact]
    public void A_weight_is_a_float_and_a_buffer_may_be_a_64_bit_integer()
    {
        TensorType[] floats = [TensorType.F32, TensorType.F16, TensorType.BF16, TensorType.F64];
        foreach (TensorType type in Enum.GetValues<TensorType>())
        {
            if (floats.Contains(type))
                Accepted(Weight with { Type = type });
            else
                Refused("A weight is", Weight with { Type = type });

            if (floats.Contains(type) || type == TensorType.I64)
                Accepted(Mean with { Type = type });
            else
                Refused("A buffer is", Mean with { Type = type });
        }

        Refused("role", Weight with { Role = (TensorRole)2 });
    }

    [Fact]
    public void A_shape_is_non_negative_and_its_size_fits_63_bits()
    {
        Accepted(Weight with { Shape = [0] });
        Refused("0 or more", Weight with { Shape = [-1] });
        Refused("shape", Weight with { Shape = default });
        Refused("63 bits", Weight with { Shape = [1L << 32, 1L << 32] });
        Refused("63 bits", Weight with { Shape = [1L << 60] });
        Refused("63 bits", [.. Enumerable.Range(0, 16).Select(i => Weight with { Name = $"{i}", Shape = [1L << 57] })]);
        Accepted([.. Enumerable.Range(0, 15).Select(i => Weight with { Name = $"{i}", Shape = [1L << 57] })]);
    }

    [Fact]
    public void A_model_has_at_most_ten_thousand_tensors()
    {
        TensorSpec[] many = [.. Enumerable.Range(0, 10_001).Select(i => Weight with { Name = $"{i}" })];
        Accepted(many[1..]);
        Refused("10000", many);
    }

    static void Accepted(params TensorSpec[] tensors) =>
        Assert.Equal<TensorSpec>(tensors, ModelManifest.Parse(new ModelManifest(tensors).ToJson()).Tensors);

    static void Refused(string because, params TensorSpec[] tensors) =>
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => new ModelManifest(tensors)).Message);
}
