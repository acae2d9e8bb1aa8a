using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

/// <summary>The network once more: in double, one row and one index at a time, slow and obviously right.</summary>
static class ReferenceNetwork
{
    /// <summary>The logits of one row.</summary>
    public static double[] Logits(Network network, double[] weights, ReadOnlySpan<float> row) => Outputs(network, weights, row)[^1];

    /// <summary>The summed cross-entropy of all rows, in nats.</summary>
    public static double Loss(Network network, double[] weights, LabelledRows rows)
    {
        double loss = 0;
        for (int r = 0; r < rows.Count; r++)
            loss -= Math.Log(Softmax(Logits(network, weights, rows.Row(r)))[rows.Labels[r]]);
        return loss;
    }

    /// <summary>The gradient of the summed cross-entropy of all rows: d numbers.</summary>
    public static double[] Gradient(Network network, double[] weights, LabelledRows rows)
    {
        var gradient = new double[network.WeightCount];
        for (int r = 0; r < rows.Count; r++)
            AddGradient(network, weights, rows.Row(r), rows.Labels[r], gradient);
        return gradient;
    }

    static void AddGradient(Network network, double[] weights, ReadOnlySpan<float> row, int label, double[] gradient)
    {
        double[][] outputs = Outputs(network, weights, row);
        double[] delta = Softmax(outputs[^1]);
        delta[label] -= 1;
        for (int i = network.Layers.Length - 1; i >= 0; i--)
        {
            DenseLayer layer = network.Layers[i];
            var before = new double[layer.Inputs];
            for (int o = 0; o < layer.Outputs; o++)
            {
                gradient[layer.BiasOffset + o] += delta[o];
                for (int k = 0; k < layer.Inputs; k++)
                {
                    double input = i == 0 ? row[k] : outputs[i - 1][k];
                    gradient[layer.WeightOffset + o * layer.Inputs + k] += delta[o] * input;
                    if (i > 0 && input > 0)
                        before[k] += delta[o] * weights[layer.WeightOffset + o * layer.Inputs + k];
                }
            }
            delta = before;
        }
    }

    /// <summary>What every layer gives: hidden ones after ReLU, the last one as it is.</summary>
    static double[][] Outputs(Network network, double[] weights, ReadOnlySpan<float> row)
    {
        var outputs = new double[network.Layers.Length][];
        double[] input = [.. row.ToArray()];
        for (int i = 0; i < outputs.Length; i++)
        {
            DenseLayer layer = network.Layers[i];
            var output = new double[layer.Outputs];
            for (int o = 0; o < layer.Outputs; o++)
            {
                output[o] = weights[layer.BiasOffset + o];
                for (int k = 0; k < layer.Inputs; k++)
                    output[o] += weights[layer.WeightOffset + o * layer.Inputs + k] * input[k];
                if (i < outputs.Length - 1)
                    output[o] = Math.Max(0, output[o]);
            }
            outputs[i] = input = output;
        }
        return outputs;
    }

    static double[] Softmax(double[] logits)
    {
        double largest = logits.Max();
        double[] exponentials = [.. logits.Select(logit => Math.Exp(logit - largest))];
        double sum = exponentials.Sum();
        return [.. exponentials.Select(e => e / sum)];
    }
}
