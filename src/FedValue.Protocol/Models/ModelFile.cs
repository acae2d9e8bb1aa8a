using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>A model's weights as a safetensors file, and back: exactly the manifest's tensors, nothing broadcast or converted.</summary>
public static class ModelFile
{
    /// <summary>The file of a flat weight vector of length d: its tensors in the manifest's order; same weights, same bytes.</summary>
    /// <exception cref="ArgumentException">The vector has another length, or the file would exceed a limit of the format.</exception>
    /// <exception cref="NotSupportedException">The manifest has buffers or weights other than F32.</exception>
    public static byte[] Write(ModelManifest manifest, ReadOnlySpan<float> weights)
    {
        RequireSingleWeightsOnly(manifest);
        RequireLength(manifest, weights);
        var tensors = new List<Tensor>(manifest.Weights.Length);
        foreach (WeightSlice slice in manifest.Weights)
            tensors.Add(Tensor.OfSingles(slice.Tensor.Name, slice.Tensor.Shape, weights.Slice((int)slice.Offset, (int)slice.Count)));
        return SafetensorsWriter.Write(tensors);
    }

    /// <summary>The flat weight vector of length d of a file, whatever the order of its tensors; values may be NaN or infinite.</summary>
    /// <exception cref="SafetensorsException">The file is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    /// <exception cref="NotSupportedException">The manifest has buffers or weights other than F32.</exception>
    public static float[] ReadWeights(ModelManifest manifest, ReadOnlyMemory<byte> file)
    {
        RequireSingleWeightsOnly(manifest);
        SafetensorsFile tensors = SafetensorsFile.Read(file);
        Check(manifest, tensors.Header);
        var weights = new float[manifest.WeightCount];
        foreach (WeightSlice slice in manifest.Weights)
            LittleEndian.CopyTo(tensors[slice.Tensor.Name].Bytes.Span, weights.AsSpan((int)slice.Offset, (int)slice.Count));
        return weights;
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

    /// <summary>The first weight that is NaN or infinite: its tensor, row-major index there and value; null if all are finite.</summary>
    /// <exception cref="ArgumentException">The vector's length is not d.</exception>
    public static (string Tensor, long Offset, float Value)? FindNotFinite(ModelManifest manifest, ReadOnlySpan<float> weights)
    {
        RequireLength(manifest, weights);
        for (int i = 0; i < weights.Length; i++)
        {
            if (float.IsFinite(weights[i]))
                continue;
            WeightSlice slice = manifest.Weights.First(slice => i < slice.Offset + slice.Count);
            return (slice.Tensor.Name, i - slice.Offset, weights[i]);
        }

        return null;
    }

    static void RequireLength(ModelManifest manifest, ReadOnlySpan<float> weights)
    {
        if (weights.Length != manifest.WeightCount)
            throw new ArgumentException(
                $"The manifest has {manifest.WeightCount} weights, but {weights.Length} came; give one per weight.", nameof(weights));
    }

    static void RequireSingleWeightsOnly(ModelManifest manifest)
    {
        TensorSpec? other = manifest.Tensors.FirstOrDefault(tensor => tensor is not { Role: TensorRole.Weight, Type: TensorType.F32 });
        if (other is not null)
            throw new NotSupportedException(
                $"Only models of F32 weights are supported yet, but {Quoted.Text(other.Name)} is a {other.Form}"
                + $" {(other.Role == TensorRole.Weight ? "weight" : "buffer")}; buffers and other types come later.");
    }
}
