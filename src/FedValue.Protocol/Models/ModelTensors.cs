using System.Collections.Immutable;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>Collects what is wanted of a model from the pieces of its file, whatever the order of its tensors.</summary>
public sealed class ModelTensors
{
    readonly Dictionary<string, WeightSlice> _slices = new(StringComparer.Ordinal);
    readonly Dictionary<string, byte[]> _buffers = new(StringComparer.Ordinal);
    readonly ModelManifest _manifest;

    /// <summary>Waits for pieces; what is not wanted is passed over.</summary>
    /// <param name="manifest">What the file's tensors are.</param>
    /// <param name="weights">Whether the weights are wanted.</param>
    /// <param name="buffers">Whether the buffers are wanted.</param>
    public ModelTensors(ModelManifest manifest, bool weights, bool buffers)
    {
        _manifest = manifest;
        Weights = weights ? new float[manifest.WeightCount] : [];
        if (weights)
            _slices = manifest.Weights.ToDictionary(slice => slice.Tensor.Name, StringComparer.Ordinal);
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
            int width = tensor.Type.Width();
            WeightBytes.Read(tensor.Type, bytes, Weights.AsSpan((int)(slice.Offset + at / width), bytes.Length / width));
        }
        else if (_buffers.TryGetValue(tensor.Name, out byte[]? buffer))
        {
            if (at == 0)
                _buffers[tensor.Name] = buffer = new byte[tensor.End - tensor.Begin];
            bytes.CopyTo(buffer.AsSpan((int)at));
        }
    }
}
