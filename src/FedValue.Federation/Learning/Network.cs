using System.Collections.Immutable;
using FedValue.Kernels.Randomness;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Learning;

/// <summary>One dense layer and where its numbers lie in the flat weight vector: weight [out, in] row-major, then bias [out].</summary>
/// <param name="Inputs">How many inputs.</param>
/// <param name="Outputs">How many outputs.</param>
/// <param name="WeightOffset">Where its weight matrix begins.</param>
/// <param name="BiasOffset">Where its bias begins.</param>
public readonly record struct DenseLayer(int Inputs, int Outputs, int WeightOffset, int BiasOffset);

/// <summary>A native model's shape: an architecture for given numbers of features and classes. Holds no weights.</summary>
public sealed class Network
{
    /// <summary>The most weights: one vector of them is 1 GiB.</summary>
    public const int WeightsMax = 1 << 28;

    /// <summary>Lays out the layers.</summary>
    /// <exception cref="ArgumentException">The model would have more than <see cref="WeightsMax"/> weights.</exception>
    public Network(Architecture architecture, int features, int classes)
    {
        Architecture = architecture;
        Features = features;
        Classes = classes;
        Manifest = architecture.Manifest(features, classes);
        var layers = ImmutableArray.CreateBuilder<DenseLayer>();
        int[] widths = [features, .. architecture.Hidden, classes];
        int offset = 0;
        for (int i = 1; i < widths.Length; i++)
        {
            long bias = offset + (long)widths[i] * widths[i - 1], end = bias + widths[i];
            if (end > WeightsMax)
            {
                throw new ArgumentException(
                    $"A model has at most {WeightsMax} weights, but '{architecture.Spec}' on {features} features has more; narrow it.");
            }
            layers.Add(new DenseLayer(widths[i - 1], widths[i], offset, (int)bias));
            offset = (int)end;
        }
        Layers = layers.ToImmutable();
        WeightCount = offset;
    }

    /// <summary>The architecture.</summary>
    public Architecture Architecture { get; }

    /// <summary>The number of input features.</summary>
    public int Features { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The tensors' names, types and shapes.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The dense layers from input to logits.</summary>
    public ImmutableArray<DenseLayer> Layers { get; }

    /// <summary>d, the number of weights.</summary>
    public int WeightCount { get; }

    /// <summary>The model before the first round: weights and biases uniform in [-1/sqrt(in), 1/sqrt(in)], as PyTorch's Linear.</summary>
    public float[] Initialize(long seed)
    {
        var weights = new float[WeightCount];
        for (int i = 0; i < Layers.Length; i++)
        {
            DenseLayer layer = Layers[i];
            var random = new RandomStream(seed, RandomPurpose.Initialization, (uint)i);
            double bound = 1 / Math.Sqrt(layer.Inputs);
            foreach (ref float weight in weights.AsSpan(layer.WeightOffset, layer.Inputs * layer.Outputs + layer.Outputs))
                weight = (float)(bound * (2 * random.NextDouble() - 1));
        }
        return weights;
    }
}
