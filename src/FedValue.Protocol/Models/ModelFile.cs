using System.Collections.Immutable;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>
/// A model as a safetensors file, and back: exactly the manifest's tensors, nothing broadcast. Weights are one flat vector of fp32, whatever
/// their types in the file: F16 and BF16 are widened exactly, F64 is rounded to the nearest. Buffers keep their bytes.
/// </summary>
public static class ModelFile
{
    /// <summary>
    /// The file of a flat weight vector of length d and the model's buffers: its tensors in the manifest's order, F16 and BF16 rounded to the
    /// nearest (ties to even); same model, same bytes.
    /// </summary>
    /// <param name="manifest">What the tensors are.</param>
    /// <param name="weights">d weights.</param>
    /// <param name="buffers">The manifest's buffers in its order; default where it has none.</param>
    /// <exception cref="ArgumentException">
    /// The vector has another length, a finite weight is too large for its type, the buffers are not the manifest's, or the file would exceed a
    /// limit of the format.
    /// </exception>
    public static IBlobContent Content(ModelManifest manifest, ReadOnlyMemory<float> weights, ImmutableArray<Tensor> buffers = default)
    {
        RequireLength(manifest, weights.Span);
        buffers = buffers.IsDefault ? [] : buffers;
        if (!buffers.Select(buffer => (buffer.Name, buffer.Form)).SequenceEqual(manifest.Buffers.Select(spec => (spec.Name, spec.Form))))
        {
            throw new ArgumentException(
                $"The manifest has the buffers [{string.Join(", ", manifest.Buffers)}], but these came: "
                + $"[{string.Join(", ", buffers.Select(buffer => $"{buffer.Name}: {buffer.Form}"))}].", nameof(buffers));
        }
        var tensors = new List<TensorSource>(manifest.Tensors.Length);
        (int weight, int carried) = (0, 0);
        foreach (TensorSpec spec in manifest.Tensors)
        {
            tensors.Add(spec.Role == TensorRole.Weight
                ? SourceOf(manifest.Weights[weight++], weights) : TensorSource.Of(buffers[carried++]));
        }
        return new SafetensorsContent(tensors);
    }

    /// <summary><see cref="Content"/> in memory.</summary>
    /// <exception cref="ArgumentException">As there, or the file is longer than an array.</exception>
    public static byte[] Write(ModelManifest manifest, ReadOnlySpan<float> weights, ImmutableArray<Tensor> buffers = default) =>
        Content(manifest, weights.ToArray(), buffers).ToArray();

    /// <summary>Makes weights those that their file holds: F16 and BF16 are rounded to the nearest, ties to even.</summary>
    /// <exception cref="ArgumentException">The vector's length is not d.</exception>
    public static void Round(ModelManifest manifest, Span<float> weights)
    {
        RequireLength(manifest, weights);
        foreach (WeightSlice slice in manifest.Weights.Where(slice => slice.Tensor.Type is TensorType.F16 or TensorType.BF16))
            WeightBytes.Round(slice.Tensor.Type, weights.Slice((int)slice.Offset, (int)slice.Count));
    }

    /// <summary>The flat weight vector of length d of a file, whatever the order of its tensors; values may be NaN or infinite.</summary>
    /// <exception cref="SafetensorsException">The file is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static float[] ReadWeights(ModelManifest manifest, ReadOnlyMemory<byte> file)
    {
        SafetensorsFile tensors = SafetensorsFile.Read(file);
        Check(manifest, tensors.Header);
        var weights = new float[manifest.WeightCount];
        foreach (WeightSlice slice in manifest.Weights)
        {
            WeightBytes.Read(
                slice.Tensor.Type, tensors[slice.Tensor.Name].Bytes.Span, weights.AsSpan((int)slice.Offset, (int)slice.Count));
        }
        return weights;
    }

    /// <summary>The buffers of a file in the manifest's order, copied out of it; values may be NaN or infinite.</summary>
    /// <exception cref="SafetensorsException">The file is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static ImmutableArray<Tensor> ReadBuffers(ModelManifest manifest, ReadOnlyMemory<byte> file)
    {
        if (manifest.Buffers.IsEmpty)
            return [];
        SafetensorsFile tensors = SafetensorsFile.Read(file);
        Check(manifest, tensors.Header);
        return
        [
            .. manifest.Buffers.Select(spec => new Tensor(spec.Name, spec.Type, spec.Shape, tensors[spec.Name].Bytes.ToArray())),
        ];
    }

    /// <summary>Begins to read a model's file piece by piece; its header is that of the manifest.</summary>
    /// <exception cref="SafetensorsException">The file is not well formed.</exception>
    /// <exception cref="EndOfStreamException">It is shorter than it says.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<SafetensorsReading> BeginAsync(ModelManifest manifest, Stream file, CancellationToken cancellation)
    {
        SafetensorsReading reading = await SafetensorsReading.BeginAsync(file, cancellation);
        Check(manifest, reading.Header);
        return reading;
    }

    /// <summary>Checks that a file has exactly the manifest's tensors; its header is enough, so a body can be refused unread.</summary>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static void Check(ModelManifest manifest, SafetensorsHeader header)
    {
        Dictionary<string, TensorInfo> unexpected = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (TensorSpec expected in manifest.Tensors)
        {
            if (!unexpected.Remove(expected.Name, out TensorInfo? actual))
                throw new ModelMismatchException(expected.Name, expected.Form, ModelMismatchException.None);
            if (actual.Type != expected.Type || !actual.Shape.AsSpan().SequenceEqual(expected.Shape.AsSpan()))
                throw new ModelMismatchException(expected.Name, expected.Form, actual.Form);
        }

        if (header.Tensors.FirstOrDefault(tensor => unexpected.ContainsKey(tensor.Name)) is { } extra)
            throw new ModelMismatchException(extra.Name, ModelMismatchException.None, extra.Form);
    }

    /// <summary>
    /// The first weight that is NaN, infinite or too large for its tensor's type: its tensor, row-major index there and value; null if there is
    /// none.
    /// </summary>
    /// <exception cref="ArgumentException">The vector's length is not d.</exception>
    public static (TensorSpec Tensor, long Offset, float Value)? FindNotFinite(ModelManifest manifest, ReadOnlySpan<float> weights)
    {
        RequireLength(manifest, weights);
        foreach (WeightSlice slice in manifest.Weights)
        {
            ReadOnlySpan<float> own = weights.Slice((int)slice.Offset, (int)slice.Count);
            for (int i = 0; i < own.Length; i++)
            {
                if (!WeightBytes.StaysFinite(slice.Tensor.Type, own[i]))
                    return (slice.Tensor, i, own[i]);
            }
        }
        return null;
    }

    /// <summary>The first number of float buffers that is NaN or infinite: its tensor, row-major index there and value; null: none.</summary>
    public static (string Tensor, long Offset, double Value)? FindNotFinite(IEnumerable<Tensor> buffers)
    {
        foreach (Tensor buffer in buffers.Where(buffer => buffer.Type != TensorType.I64))
        {
            double[] values = buffer.Type == TensorType.F64 ? buffer.AsDoubles() : Widened(buffer);
            int at = Array.FindIndex(values, value => !double.IsFinite(value));
            if (at >= 0)
                return (buffer.Name, at, values[at]);
        }
        return null;

        static double[] Widened(Tensor buffer)
        {
            var values = new float[buffer.Count];
            WeightBytes.Read(buffer.Type, buffer.Bytes.Span, values);
            return Array.ConvertAll(values, value => (double)value);
        }
    }

    static WeightSource SourceOf(WeightSlice slice, ReadOnlyMemory<float> weights)
    {
        TensorSpec spec = slice.Tensor;
        ReadOnlyMemory<float> own = weights.Slice((int)slice.Offset, (int)slice.Count);
        ReadOnlySpan<float> values = own.Span;
        for (int i = 0; spec.Type is TensorType.F16 or TensorType.BF16 && i < values.Length; i++)
        {
            if (float.IsFinite(values[i]) && !WeightBytes.StaysFinite(spec.Type, values[i]))
            {
                throw new ArgumentException(
                    $"A weight of type {spec.Type} cannot hold {values[i]}, element {i} of tensor {Quoted.Text(spec.Name)}; lower the learning "
                    + "rates or send weights of type F32.", nameof(weights));
            }
        }
        return new WeightSource(spec, own);
    }

    /// <summary>The bytes of weights that are not copied.</summary>
    sealed class WeightSource(TensorSpec spec, ReadOnlyMemory<float> weights) : TensorSource(spec.Name, spec.Type, spec.Shape)
    {
        public override void Read(long at, Span<byte> destination)
        {
            int width = Type.Width();
            WeightBytes.Write(Type, weights.Span.Slice((int)(at / width), destination.Length / width), destination);
        }
    }

    static void RequireLength(ModelManifest manifest, ReadOnlySpan<float> weights)
    {
        if (weights.Length != manifest.WeightCount)
            throw new ArgumentException(
                $"The manifest has {manifest.WeightCount} weights, but {weights.Length} came; give one per weight.", nameof(weights));
    }
}
