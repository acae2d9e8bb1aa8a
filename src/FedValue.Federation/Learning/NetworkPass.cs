using FedValue.Kernels;
using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>
/// Forward and backward passes of a network over batches of rows, in buffers of its own: one pass per thread, reused. Between layers the rows
/// of a batch lie side by side (units x rows), so that products take the weights as they lie; copies of these would cost more than all else.
/// </summary>
sealed class NetworkPass
{
    /// <summary>The most rows of one batch; longer inputs go through in pieces, which changes no bit.</summary>
    public const int RowsMax = 128;

    readonly Network _network;
    readonly Memory<float>[] _inputs;      // per layer: inputs x stride
    readonly Memory<float>[] _deltas;      // per layer: outputs x stride, gradient by the layer's output before ReLU
    readonly Memory<float> _outputs;       // classes x stride
    readonly float[] _logits;              // rows x classes
    readonly float[] _slopes;              // rows x classes, gradient by the logits
    readonly Memory<float> _turned;        // rows x a layer's outputs
    readonly Memory<float> _turnedWeights; // a deeper layer's inputs x outputs
    float[] _weights = [];

    /// <summary>Makes room for batches of up to so many rows.</summary>
    public NetworkPass(Network network, int rows = RowsMax)
    {
        int stride = Stride(rows);
        _network = network;
        _inputs = [.. network.Layers.Select(layer => Aligned.Singles(layer.Inputs * stride))];
        _deltas = [.. network.Layers.Select(layer => Aligned.Singles(layer.Outputs * stride))];
        _outputs = Aligned.Singles(network.Classes * stride);
        _logits = new float[rows * network.Classes];
        _slopes = new float[rows * network.Classes];
        _turned = Aligned.Singles(rows * network.Layers.Max(layer => layer.Outputs));
        _turnedWeights = Aligned.Singles(network.Layers.Skip(1).Select(layer => layer.Inputs * layer.Outputs).DefaultIfEmpty().Max());
    }

    /// <summary>Takes the weights of the passes that follow: the array itself, so what is written there counts.</summary>
    public void Load(float[] weights) => _weights = weights;

    /// <summary>Computes the logits of a batch (rows x features, row-major).</summary>
    public void Forward(ReadOnlySpan<float> rows, int count)
    {
        int stride = Stride(count), last = _network.Layers.Length - 1;
        MatrixProduct.Transpose(rows, _network.Features, _inputs[0].Span, stride, count, _network.Features);
        for (int i = 0; i <= last; i++)
        {
            DenseLayer layer = _network.Layers[i];
            Span<float> output = (i == last ? _outputs : _inputs[i + 1]).Span[..(layer.Outputs * stride)];
            for (int unit = 0; unit < layer.Outputs; unit++)
                output.Slice(unit * stride, stride).Fill(_weights[layer.BiasOffset + unit]);
            MatrixProduct.MultiplyAdd(_weights.AsSpan(layer.WeightOffset), layer.Inputs, _inputs[i].Span, stride,
                output, stride, layer.Outputs, layer.Inputs, stride);
            if (i < last)
                TrainingStep.Rectify(output);
        }
        MatrixProduct.Transpose(_outputs.Span, stride, _logits, _network.Classes, _network.Classes, count);
    }

    /// <summary>The logits of row r of the last forward pass.</summary>
    public ReadOnlySpan<float> Logits(int r) => _logits.AsSpan(r * _network.Classes, _network.Classes);

    /// <summary>Adds scale times the gradient of the summed cross-entropy of the last forward pass to gradient (d).</summary>
    /// <param name="rows">The rows of that pass.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="scale">Usually 1 / rows.</param>
    /// <param name="gradient">Receives the sum.</param>
    /// <param name="fresh">The gradient holds nothing yet: it begins at 0 and need not have been cleared.</param>
    public void Backward(ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, double scale, Span<float> gradient, bool fresh = false)
    {
        int count = labels.Length, stride = Stride(count), last = _network.Layers.Length - 1;
        for (int r = 0; r < count; r++)
            CrossEntropy.Gradient(Logits(r), labels[r], scale, _slopes.AsSpan(r * _network.Classes));
        MatrixProduct.Transpose(_slopes, _network.Classes, _deltas[last].Span, stride, count, _network.Classes);

        for (int i = last; i >= 0; i--)
        {
            DenseLayer layer = _network.Layers[i];
            Span<float> delta = _deltas[i].Span, turned = _turned.Span;
            Span<float> weights = gradient[layer.WeightOffset..], bias = gradient.Slice(layer.BiasOffset, layer.Outputs);
            if (fresh)
                bias.Clear();
            MatrixProduct.Transpose(delta, stride, turned, layer.Outputs, layer.Outputs, count);
            for (int r = 0; r < count; r++)
                CoalitionStep.Add(new Addend(turned.Slice(r * layer.Outputs, layer.Outputs), 1), bias, bias); // a factor of 1 rounds nothing

            ReadOnlySpan<float> input = rows;
            if (i > 0)
            {
                MatrixProduct.Transpose(_inputs[i].Span, stride, turned, layer.Inputs, layer.Inputs, count);
                input = turned;
            }
            if (fresh)
                MatrixProduct.Multiply(delta, stride, input, layer.Inputs, weights, layer.Inputs, layer.Outputs, count, layer.Inputs);
            else
                MatrixProduct.MultiplyAdd(delta, stride, input, layer.Inputs, weights, layer.Inputs, layer.Outputs, count, layer.Inputs);

            if (i == 0)
                break;
            Span<float> turnedWeights = _turnedWeights.Span, previous = _deltas[i - 1].Span[..(layer.Inputs * stride)];
            MatrixProduct.Transpose(
                _weights.AsSpan(layer.WeightOffset), layer.Inputs, turnedWeights, layer.Outputs, layer.Outputs, layer.Inputs);
            MatrixProduct.Multiply(turnedWeights, layer.Outputs, delta, stride, previous, stride, layer.Inputs, layer.Outputs, stride);
            TrainingStep.KeepPositive(previous, _inputs[i].Span);
        }
    }

    /// <summary>From one unit to the next: the rows of a batch, padded to whole vectors with numbers that nobody reads.</summary>
    static int Stride(int count) => (count + 15) & -16;
}
