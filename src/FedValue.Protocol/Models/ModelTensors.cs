using System.Collections.Immutable;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>Collects what is wanted of a model from the pieces of its file, whatever the order of its tensors.</summary>
public sealed class ModelTensors
{
    readonly Dictionary<string, WeightSlice> _slices;
    readonly Dictionary<string, byte[]> _buffers = new(StringComparer.Ordinal);
    readonly ModelManifest _manifest;
    readonly WeightsPiece? _take;
    float[] _piece = [];

    /// <summary>Waits for pieces; what is not wanted is passed over.</summary>
    /// <param name="manifest">What the file's tensors are.</param>
    /// <param name="weights">Whether the weights are wanted.</param>
    /// <param name="buffers">Whether the buffers are wanted.</param>
    public ModelTensors(ModelManifest manifest, bool weights, bool buffers)
        : this(manifest, buffers, weights ? manifest.Weights : [])
    {
        Weights = weights ? new float[manifest.WeightCount] : [];
    }

    /// <summary>Waits for pieces, and hands on the weights as they come instead of keeping them.</summary>
    /// <param name="manifest">What the file's tensors are.</param>
    /// <param name="take">Given every weight once, in no certain order.</param>
    /// <param name="buffers">Whether the buffers are wanted.</param>
    public ModelTensors(ModelManifest manifest, WeightsPiece take, bool buffers)
        : this(manifest, buffers, manifest.Weights)
    {
        (Weights, _take) = ([], take);
    }

    ModelTensors(ModelManifest manifest, bool buffers, IEnumerable<WeightSlice> slices)
    {
        _manifest = manifest;
        Weights = [];
        _slices = slices.ToDictionary(slice => slice.Tensor.Name, StringComparer.Ordinal);
        foreach (TensorSpec buffer in buffers ? manifest.Buffers : [])
            _buffers.Add(buffer.Name, []);
    }

    /// <summary>d weights, complete when the whole file has come; values may be NaN or infinite. Empty where they are not wanted.</summary>
    public float[] Weights { get; }

    /// <summary>The manifest's buffers in its order, when the whole file has come; empty where they are not wanted.</summary>
    public ImmutableArray<Tensor> Buffers => _buffers.Count == 0 ? [] :
        [.. _manifest.Buffers.Select(buffer => new Tensor(buffer.Name, buffer.Type, buffer.Shape, _buffers[buffer.Name]))];

    /// <summary>Takes some bytes of a tensor.</summary>
    public void Take(TensorInfo tensor, long at, ReadOnlySpan<byte> bytes)
    {
        if (_slices.TryGetValue(tensor.Name, out WeightSlice? slice))
        {
            int width = tensor.Type.Width(), count = bytes.Length / width;
            long first = slice.Offset + at / width;
            if (_take is null)
            {
                WeightBytes.Read(tensor.Type, bytes, Weights.AsSpan((int)first, count));
                return;
            }
            if (_piece.Length < count)
                _piece = new float[count];
            WeightBytes.Read(tensor.Type, bytes, _piece.AsSpan(0, count));
            _take(first, _piece.AsSpan(0, count));
        }
        else if (_buffers.TryGetValue(tensor.Name, out byte[]? buffer))
        {
            if (at == 0)
                _buffers[tensor.Name] = buffer = new byte[tensor.End - tensor.Begin];
            bytes.CopyTo(buffer.AsSpan((int)at));
        }
    }
}

/// <summary>Takes some weights of a model.</summary>
/// <param name="first">The index of the first of them in the vector of length d.</param>
/// <param name="weights">Valid until it returns.</param>
public delegate void WeightsPiece(long first, ReadOnlySpan<float> weights);
