using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class ModelFileTests
{
    static readonly TensorSpec Weight = new("weight", TensorType.F32, [2, 3], TensorRole.Weight);
    static readonly TensorSpec Bias = new("bias", TensorType.F32, [2], TensorRole.Weight);
    static readonly ModelManifest Manifest = new([Weight, Bias]);
    static readonly float[] Weights = [1, 2, 3, 4, 5, 6, 7, 8];

    static readonly Tensor WeightTensor = Tensor.OfSingles("weight", [2, 3], Weights.AsSpan(0, 6));
    static readonly Tensor BiasTensor = Tensor.OfSingles("bias", [2], Weights.AsSpan(6));

    [Fact]
    public void A_model_file_has_the_tensors_of_the_manifest_in_its_order() =>
        Assert.Equal(SafetensorsWriter.Write([WeightTensor, BiasTensor]), ModelFile.Write(Manifest, Weights));

    [Fact]
    public void Weights_come_back_bit_by_bit()
    {
        float[] odd = [0f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, BitConverter.Int32BitsToSingle(0x7fc00001), 1f, -1f];
        Assert.Equal(
            odd.Select(BitConverter.SingleToInt32Bits),
            ModelFile.ReadWeights(Manifest, ModelFile.Write(Manifest, odd)).Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Tensors_may_come_in_any_order_and_with_metadata()
    {
        byte[] file = SafetensorsWriter.Write([BiasTensor, WeightTensor], new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal(Weights, ModelFile.ReadWeights(Manifest, file));
    }

    [Fact]
    public void A_missing_tensor_is_refused() => Refused("bias", "F32 [2]", "no tensor", WeightTensor);

    [Fact]
    public void An_extra_tensor_is_refused() =>
        Refused("more", "no tensor", "I64 [1]", WeightTensor, Tensor.OfInt64s("more", [1], [0]), BiasTensor);

    [Fact]
    public void A_name_in_another_case_is_another_name() =>
        Refused("weight", "F32 [2,3]", "no tensor", Tensor.OfSingles("Weight", [2, 3], Weights.AsSpan(0, 6)), BiasTensor);

    [Fact]
    public void Another_type_is_refused_even_of_the_same_width() =>
        Refused("bias", "F32 [2]", "I32 [2]", WeightTensor, new Tensor("bias", TensorType.I32, [2], BiasTensor.Bytes));

    [Fact]
    public void A_transposed_shape_is_refused() =>
        Refused("weight", "F32 [2,3]", "F32 [3,2]", Tensor.OfSingles("weight", [3, 2], Weights.AsSpan(0, 6)), BiasTensor);

    [Fact]
    public void Nothing_is_broadcast_or_squeezed()
    {
        Refused("bias", "F32 [2]", "F32 []", WeightTensor, Tensor.OfSingles("bias", [], [1f]));
        Refused("bias", "F32 [2]", "F32 [1,2]", WeightTensor, Tensor.OfSingles("bias", [1, 2], [1f, 2f]));
    }

    [Fact]
    public void A_damaged_file_is_refused_as_such() =>
        Assert.Throws<SafetensorsException>(() => ModelFile.ReadWeights(Manifest, ModelFile.Write(Manifest, Weights)[..^1]));

    [Fact]
    public void A_header_is_enough_to_refuse_a_body()
    {
        byte[] file = ModelFile.Write(new ModelManifest([Weight]), Weights.AsSpan(0, 6));
        int headerEnd = SafetensorsHeader.Parse(file).DataStart;
        SafetensorsHeader header = SafetensorsHeader.Parse(file.AsSpan(0, headerEnd), file.Length);
        ModelFile.Check(new ModelManifest([Weight]), header);
        Assert.Equal("bias", Assert.Throws<ModelMismatchException>(() => ModelFile.Check(Manifest, header)).Tensor);
    }

    [Fact]
    public void A_header_is_checked_against_buffers_and_every_type()
    {
        var manifest = new ModelManifest(
            [Bias, new("half", TensorType.F16, [1], TensorRole.Weight), new("count", TensorType.I64, [], TensorRole.Buffer)]);
        Tensor half = new("half", TensorType.F16, [1], new byte[2]);
        Tensor[] right = [BiasTensor, half, Tensor.OfInt64s("count", [], [1])];
        Tensor[] wrong = [BiasTensor, half, Tensor.OfDoubles("count", [], [1])];
        ModelFile.Check(manifest, SafetensorsHeader.Parse(SafetensorsWriter.Write(right)));
        var refusal = Assert.Throws<ModelMismatchException>(
            () => ModelFile.Check(manifest, SafetensorsHeader.Parse(SafetensorsWriter.Write(wrong))));
        Assert.Equal(("count", "I64 []", "F64 []"), (refusal.Tensor, refusal.Expected, refusal.Actual));
    }

    [Fact]
    public void A_vector_of_another_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ModelFile.Write(Manifest, Weights.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => ModelFile.FindNotFinite(Manifest, [.. Weights, 9f]));
    }

    [Fact]
    public void The_first_weight_that_is_not_finite_is_found_wherever_it_is()
    {
        ModelManifest manifest = new([Weight, new("none", TensorType.F32, [0, 4], TensorRole.Weight), Bias]);
        Assert.Null(ModelFile.FindNotFinite(manifest, Weights));
        for (int i = 0; i < Weights.Length; i++)
        {
            foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                float[] weights = [.. Weights];
                weights[i] = bad;
                weights[^1] = float.IsFinite(weights[^1]) ? float.NaN : weights[^1];
                (TensorSpec, long, float)? expected = i < 6 ? (Weight, i, bad) : (Bias, i - 6, bad);
                Assert.Equal(expected, ModelFile.FindNotFinite(manifest, weights));
            }
        }
    }

    static void Refused(string tensor, string expected, string actual, params Tensor[] tensors)
    {
        var refusal = Assert.Throws<ModelMismatchException>(() => ModelFile.ReadWeights(Manifest, SafetensorsWriter.Write(tensors)));
        Assert.Equal((tensor, expected, actual), (refusal.Tensor, refusal.Expected, refusal.Actual));
        Assert.Contains($"'{tensor}'", refusal.Message);
    }
}
