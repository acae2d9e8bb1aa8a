using FedValue.Kernels;

namespace FedValue.Federation.Learning;

/// <summary>
/// The Hessian of the summed cross-entropy times one direction, exactly and in double: Pearlmutter's R operator (1994), the directional
/// derivative of the backward pass. The kink of ReLU counts as flat, as in the gradient. One per thread.
/// </summary>
/// <param name="network">The layers.</param>
/// <param name="weights">Where the Hessian is taken, d weights.</param>
/// <param name="direction">What it is multiplied with, d numbers.</param>
sealed class HessianPass(Network network, float[] weights, double[] direction)
{
    // Per layer, its inputs and their derivative along the direction; at the end the logits and theirs.
    readonly double[][] _values = Buffers(network);
    readonly double[][] _slopes = Buffers(network);

    // Per layer, the gradient by its inputs, and its derivative; at the end those by the logits.
    readonly double[][] _deltas = Buffers(network);
    readonly double[][] _deltaSlopes = Buffers(network);

    /// <summary>The sum over the rows so far, d numbers.</summary>
    public double[] Product { get; } = new double[network.WeightCount];

    /// <summary>Adds one row (features numbers) of a class.</summary>
    public void Add(ReadOnlySpan<float> row, int label)
    {
        for (int i = 0; i < row.Length; i++)
            _values[0][i] = row[i];
        for (int l = 0; l < network.Layers.Length; l++)
            Forward(l);
        Loss(label);
        for (int l = network.Layers.Length - 1; l >= 0; l--)
            Backward(l);
    }

    void Forward(int l)
    {
        DenseLayer layer = network.Layers[l];
        double[] input = _values[l], inputSlope = _slopes[l];
        bool hidden = l < network.Layers.Length - 1;
        for (int o = 0; o < layer.Outputs; o++)
        {
            int at = layer.WeightOffset + o * layer.Inputs;
            double value = weights[layer.BiasOffset + o], slope = direction[layer.BiasOffset + o];
            for (int i = 0; i < layer.Inputs; i++)
            {
                value += weights[at + i] * input[i];
                slope += direction[at + i] * input[i] + weights[at + i] * inputSlope[i];
            }
            bool off = hidden && value <= 0;
            _values[l + 1][o] = off ? 0 : value;
            _slopes[l + 1][o] = off ? 0 : slope;
        }
    }

    /// <summary>delta = softmax - onehot, and its derivative p (slope - &lt;p, slope&gt;).</summary>
    void Loss(int label)
    {
        double[] logits = _values[^1], slopes = _slopes[^1], delta = _deltas[^1], deltaSlope = _deltaSlopes[^1];
        double largest = logits[0], sum = 0, mean = 0;
        for (int i = 1; i < logits.Length; i++)
            largest = Math.Max(largest, logits[i]);
        for (int i = 0; i < logits.Length; i++)
            sum += delta[i] = Elementary.Exp(logits[i] - largest);
        for (int i = 0; i < logits.Length; i++)
            mean += (delta[i] /= sum) * slopes[i];
        for (int i = 0; i < logits.Length; i++)
            deltaSlope[i] = delta[i] * (slopes[i] - mean);
        delta[label] -= 1;
    }

    void Backward(int l)
    {
        DenseLayer layer = network.Layers[l];
        double[] input = _values[l], inputSlope = _slopes[l], delta = _deltas[l + 1], deltaSlope = _deltaSlopes[l + 1];
        double[] previous = _deltas[l], previousSlope = _deltaSlopes[l];
        Array.Clear(previous);
        Array.Clear(previousSlope);
        for (int o = 0; o < layer.Outputs; o++)
        {
            int at = layer.WeightOffset + o * layer.Inputs;
            Product[layer.BiasOffset + o] += deltaSlope[o];
            for (int i = 0; i < layer.Inputs; i++)
            {
                Product[at + i] += deltaSlope[o] * input[i] + delta[o] * inputSlope[i];
                previous[i] += weights[at + i] * delta[o];
                previousSlope[i] += direction[at + i] * delta[o] + weights[at + i] * deltaSlope[o];
            }
        }
        for (int i = 0; l > 0 && i < input.Length; i++)
        {
            if (input[i] <= 0)
                previous[i] = previousSlope[i] = 0;
        }
    }

    static double[][] Buffers(Network network) =>
        [new double[network.Features], .. network.Layers.Select(layer => new double[layer.Outputs])];
}
