using FedValue.Kernels;
using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>
/// Forward and backward passes of a network over batches of rows, in buffers of its own: one pass per thread, reused. Activations are
/// stored with rows padded to 16 outputs; the padding columns stay 0.
/// </summary>
sealed class NetworkPass
{
    /// <summary>The most rows of one batch; longer inputs go through in pieces, which changes no bit.</summary>
    public const int RowsMax = 128;

    readonly Network _network;
    readonly float[][] _transposed; // per layer: inputs x stride
    readonly float[][] _biases;     // per layer: stride, padded with zeros
    readonly float[][] _outputs;    // per layer: RowsMax x stride
    readonly float[][] _deltas;     // per layer: RowsMax x stride, gradient by the layer's output before ReLU
    readonly float[] _deltaTransposed;
    readonly int[] _strides;
    float[] _weights = [];

    public NetworkPass(Network network)
    {
        _network = network;
        int layers = network.Layers.Length;
        (_transposed, _biases, _outputs, _deltas, _strides) =
            (new float[layers][], new float[layers][], new float[layers][], new float[layers][], new int[layers]);
        for (int i = 0; i < layers; i++)
        {
            DenseLayer layer = network.Layers[i];
            _strides[i] = (layer.Outputs + 15) & -16;
            _transposed[i] = new float[layer.Inputs * _strides[i]];
            _biases[i] = new float[_strides[i]];
            _outputs[i] = new float[RowsMax * _strides[i]];
            _deltas[i] = new float[RowsMax * _strides[i]];
        }
        _deltaTransposed = new float[network.Layers.Max(layer => layer.Outputs) * RowsMax];
    }

    /// <summary>Takes the weights of the passes that follow.</summary>
    public void Load(float[] weights)
    {
        _weights = weights;
        for (int i = 0; i < _network.Layers.Length; i++)
        {
            DenseLayer layer = _network.Layers[i];
            MatrixProduct.Transpose(
                weights.AsSpan(layer.WeightOffset), layer.Inputs, _transposed[i], _strides[i], layer.Outputs, layer.Inputs);
            weights.AsSpan(layer.BiasOffset, layer.Outputs).CopyTo(_biases[i]);
        }
    }

    /// <summary>Computes the logits of up to <see cref="RowsMax"/> rows (rows x features, row-major).</summary>
    public void Forward(ReadOnlySpan<float> rows, int count)
    {
        ReadOnlySpan<float> input = rows;
        int inputStride = _network.Features;
        for (int i = 0; i < _network.Layers.Length; i++)
        {
            DenseLayer layer = _network.Layers[i];
            Span<float> output = _outputs[i].AsSpan(0, count * _strides[i]);
            for (int r = 0; r < count; r++)
                _biases[i].CopyTo(output[(r * _strides[i])..]);
            MatrixProduct.MultiplyAdd(
                input, inputStride, _transposed[i], _strides[i], output, _strides[i], count, layer.Inputs, _strides[i]);
            if (i < _network.Layers.Length - 1)
                TrainingStep.Rectify(output);
            input = output;
            inputStride = _strides[i];
        }
    }

    /// <summary>The logits of row r of the last forward pass.</summary>
    public ReadOnlySpan<float> Logits(int r) => _outputs[^1].AsSpan(r * _strides[^1], _network.Classes);

    /// <summary>Adds scale times the gradient of the summed cross-entropy of the last forward pass to gradient (d).</summary>
    /// <param name="rows">The rows of that pass.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="scale">Usually 1 / rows.</param>
    /// <param name="gradient">Receives the sum.</param>
    /// <param name="fresh">The gradient holds nothing yet: it begins at 0 and need not have been cleared.</param>
    public void Backward(ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, double scale, Span<float> gradient, bool fresh = false)
    {
        int count = labels.Length, last = _network.Layers.Length - 1;
        for (int r = 0; r < count; r++)
            CrossEntropy.Gradient(Logits(r), labels[r], scale, _deltas[last].AsSpan(r * _strides[last]));

        for (int i = last; i >= 0; i--)
        {
            DenseLayer layer = _network.Layers[i];
            Span<float> delta = _deltas[i].AsSpan(0, count * _strides[i]);
            ReadOnlySpan<float> input = i == 0 ? rows : _outputs[i - 1];
            int inputStride = i == 0 ? _network.Features : _strides[i - 1];

            Span<float> transposed = _deltaTransposed.AsSpan(0, layer.Outputs * count);
            MatrixProduct.Transpose(delta, _strides[i], transposed, count, count, layer.Outputs);
            Span<float> weights = gradient[layer.WeightOffset..], bias = gradient.Slice(layer.BiasOffset, layer.Outputs);
            if (fresh)
            {
                bias.Clear();
                MatrixProduct.Multiply(
                    transposed, count, input, inputStride, weights, layer.Inputs, layer.Outputs, count, layer.Inputs);
            }
            else
                MatrixProduct.MultiplyAdd(
                    transposed, count, input, inputStride, weights, layer.Inputs, layer.Outputs, count, layer.Inputs);
            for (int r = 0; r < count; r++)
                CoalitionStep.Add(delta.Slice(r * _strides[i], bias.Length), 1, bias, bias); // a factor of 1 rounds nothing

            if (i == 0)
                break;
            Span<float> previous = _deltas[i - 1].AsSpan(0, count * _strides[i - 1]);
            MatrixProduct.Multiply(delta, _strides[i], _weights.AsSpan(layer.WeightOffset), layer.Inputs,
                previous, _strides[i - 1], count, layer.Outputs, layer.Inputs);
            TrainingStep.KeepPositive(previous, _outputs[i - 1]);
        }
    }
}
