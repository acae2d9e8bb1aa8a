using System.Collections.Immutable;
using System.Globalization;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Learning;

/// <summary>A native model's layers: softmax regression or a multi-layer perceptron with ReLU between its dense layers.</summary>
public sealed class Architecture
{
    const string Softmax = "softmax";
    const string Perceptron = "mlp:";
    const int WidthMax = 65_536;

    Architecture(string spec, ImmutableArray<int> hidden)
    {
        Spec = spec;
        Hidden = hidden;
    }

    /// <summary>Its one spelling: <c>softmax</c> or, for example, <c>mlp:64,32</c>.</summary>
    public string Spec { get; }

    /// <summary>The widths of the hidden layers.</summary>
    public ImmutableArray<int> Hidden { get; }

    /// <summary>Reads <c>softmax</c> or <c>mlp:</c> with comma-separated widths.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Architecture Parse(string spec)
    {
        if (spec == Softmax)
            return new Architecture(Softmax, []);
        if (spec.StartsWith(Perceptron, StringComparison.Ordinal))
        {
            string[] widths = spec[Perceptron.Length..].Split(',');
            int[] hidden = new int[widths.Length];
            for (int i = 0; i < widths.Length; i++)
            {
                bool isNumber = TypedNumber.TryParse(widths[i], NumberStyles.None, out hidden[i]);
                if (!isNumber || hidden[i] is < 1 or > WidthMax)
                {
                    throw new FormatException(
                        $"Hidden widths are whole numbers from 1 to {WidthMax}, but '{widths[i]}' came in model '{spec}'.");
                }
            }
            return new Architecture(Perceptron + string.Join(",", hidden), [.. hidden]);
        }
        throw new FormatException($"A model is 'softmax' or 'mlp:' with hidden widths such as 'mlp:64,32', but '{spec}' came.");
    }

    /// <summary>
    /// The tensors of the model for so many features and classes: per layer <c>layerN.weight</c> [out, in] and <c>layerN.bias</c> [out].
    /// </summary>
    public ModelManifest Manifest(int features, int classes)
    {
        int[] widths = [features, .. Hidden, classes];
        var tensors = new List<TensorSpec>();
        for (int layer = 1; layer < widths.Length; layer++)
        {
            tensors.Add(new TensorSpec($"layer{layer}.weight", TensorType.F32, [widths[layer], widths[layer - 1]], TensorRole.Weight));
            tensors.Add(new TensorSpec($"layer{layer}.bias", TensorType.F32, [widths[layer]], TensorRole.Weight));
        }
        return new ModelManifest(tensors);
    }
}
