using FedValue.Federation.Learning;
using FedValue.Protocol.Models;

namespace FedValue.Tests.Federation.Learning;

public class NetworkTests
{
    [Theory]
    [InlineData("softmax", 1, 2)]
    [InlineData("softmax", 64, 10)]
    [InlineData("mlp:1", 7, 3)]
    [InlineData("mlp:17,7,1", 3, 4)]
    public void Layers_lie_in_the_weight_vector_where_the_manifest_says(string architecture, int features, int classes)
    {
        Network network = MadeUp.Network(architecture, features, classes);
        Assert.Equal(network.Manifest.WeightCount, network.WeightCount);
        WeightSlice[] slices = [.. network.Manifest.Weights];
        Assert.Equal(2 * network.Layers.Length, slices.Length);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            DenseLayer layer = network.Layers[i];
            WeightSlice weight = slices[2 * i], bias = slices[2 * i + 1];
            Assert.Equal((layer.WeightOffset, $"F32 [{layer.Outputs},{layer.Inputs}]"), (weight.Offset, weight.Tensor.Form));
            Assert.Equal((layer.BiasOffset, $"F32 [{layer.Outputs}]"), (bias.Offset, bias.Tensor.Form));
        }
        Assert.Equal((features, classes), (network.Layers[0].Inputs, network.Layers[^1].Outputs));
    }

    [Fact]
    public void Weights_begin_uniform_within_one_over_the_root_of_the_inputs()
    {
        Network network = MadeUp.Network("mlp:50,30", features: 40, classes: 10);
        float[] weights = network.Initialize(seed: 3);
        foreach (DenseLayer layer in network.Layers)
        {
            double bound = 1 / Math.Sqrt(layer.Inputs);
            float[] ofLayer = weights[layer.WeightOffset..(layer.BiasOffset + layer.Outputs)];
            Assert.All(ofLayer, weight => Assert.InRange(weight, (float)-bound, (float)bound));

            // Of k uniform numbers the extremes miss the ends by about bound / k, and the variance is bound^2 / 3: 310 numbers and more.
            Assert.True(ofLayer.Max() > 0.95 * bound && ofLayer.Min() < -0.95 * bound);
            double variance = ofLayer.Average(weight => (double)weight * weight);
            Assert.InRange(variance, 0.8 * bound * bound / 3, 1.2 * bound * bound / 3);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_seed_another_in_every_layer()
    {
        Network network = MadeUp.Network("mlp:5,3", features: 4, classes: 2);
        float[] weights = network.Initialize(seed: 1), other = network.Initialize(seed: 2);
        Assert.Equal(Bits.Of(weights), Bits.Of(network.Initialize(seed: 1)));
        Assert.Equal(Bits.Of(weights), Bits.Of(MadeUp.Network("mlp:5,3", features: 4, classes: 2).Initialize(seed: 1)));
        foreach (DenseLayer layer in network.Layers)
        {
            Range range = layer.WeightOffset..(layer.BiasOffset + layer.Outputs);
            Assert.DoesNotContain(true, weights[range].Zip(other[range], (a, b) => a == b));
        }
    }

    [Fact]
    public void Layers_of_one_model_do_not_share_their_draws()
    {
        Network network = MadeUp.Network("mlp:4,4", features: 4, classes: 4);
        float[] weights = network.Initialize(seed: 1);
        float[][] layers = [.. network.Layers.Select(layer => weights[layer.WeightOffset..layer.BiasOffset])];
        Assert.NotEqual(layers[0], layers[1]);
        Assert.NotEqual(layers[1], layers[2]);
    }

    [Theory]
    [InlineData("mlp:65536,65536")] // more than 2^31
    [InlineData("mlp:16384,16384")] // 2^28 and the rest
    public void A_model_too_large_for_one_vector_is_refused(string architecture)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => MadeUp.Network(architecture, features: 3, classes: 2));
        Assert.Equal($"A model has at most 268435456 weights, but '{architecture}' on 3 features has more; narrow it.", refused.Message);
    }
}
