using FedValue.Federation.Learning;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Federation.Learning;

public class ArchitectureTests
{
    [Theory]
    [InlineData("softmax", "softmax", new int[0])]
    [InlineData("mlp:1", "mlp:1", new[] { 1 })]
    [InlineData("mlp:64,32", "mlp:64,32", new[] { 64, 32 })]
    [InlineData("mlp:007,65536", "mlp:7,65536", new[] { 7, 65536 })]
    public void A_model_has_one_spelling(string text, string spec, int[] hidden)
    {
        var architecture = Architecture.Parse(text);
        Assert.Equal(spec, architecture.Spec);
        Assert.Equal(hidden, architecture.Hidden);
        Assert.Equal(spec, Architecture.Parse(architecture.Spec).Spec);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Softmax")]
    [InlineData(" softmax")]
    [InlineData("mlp")]
    [InlineData("MLP:3")]
    [InlineData("cnn:3")]
    public void An_unknown_model_is_refused_with_the_known_spellings(string text)
    {
        FormatException refused = Assert.Throws<FormatException>(() => Architecture.Parse(text));
        Assert.Equal($"A model is 'softmax' or 'mlp:' with hidden widths such as 'mlp:64,32', but '{text}' came.", refused.Message);
    }

    [Theory]
    [InlineData("mlp:", "")]
    [InlineData("mlp:0", "0")]
    [InlineData("mlp:8,-3", "-3")]
    [InlineData("mlp:8,,3", "")]
    [InlineData("mlp:64, 32", " 32")]
    [InlineData("mlp:+4", "+4")]
    [InlineData("mlp:1.5", "1.5")]
    [InlineData("mlp:65537", "65537")]
    [InlineData("mlp:99999999999", "99999999999")]
    public void A_wrong_width_is_named(string text, string width)
    {
        FormatException refused = Assert.Throws<FormatException>(() => Architecture.Parse(text));
        Assert.Equal($"Hidden widths are whole numbers from 1 to 65536, but '{width}' came in model '{text}'.", refused.Message);
    }

    [Fact]
    public void Tensors_have_names_and_shapes_as_in_PyTorch()
    {
        ModelManifest manifest = Architecture.Parse("mlp:5,3").Manifest(features: 7, classes: 2);
        (string, string)[] expected =
        [
            ("layer1.weight", "F32 [5,7]"), ("layer1.bias", "F32 [5]"),
            ("layer2.weight", "F32 [3,5]"), ("layer2.bias", "F32 [3]"),
            ("layer3.weight", "F32 [2,3]"), ("layer3.bias", "F32 [2]"),
        ];
        Assert.Equal(expected, manifest.Tensors.Select(tensor => (tensor.Name, tensor.Form)));
        Assert.All(manifest.Tensors, tensor => Assert.Equal((TensorType.F32, TensorRole.Weight), (tensor.Type, tensor.Role)));
    }

    [Fact]
    public void Softmax_regression_is_one_layer()
    {
        ModelManifest manifest = Architecture.Parse("softmax").Manifest(features: 64, classes: 10);
        Assert.Equal(["layer1.weight: F32 [10,64] Weight", "layer1.bias: F32 [10] Weight"], manifest.Tensors.Select(t => t.ToString()));
        Assert.Equal(650, manifest.WeightCount);
    }
}
