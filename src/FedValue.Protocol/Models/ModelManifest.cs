using System.Collections.Immutable;
using System.Diagnostics;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>
/// What a model's tensors are, in order. The weight tensors one after the other, each row-major, are the model's flat weight vector
/// of length d, the row of a participant in a round's matrix.
/// </summary>
public sealed class ModelManifest
{
    /// <summary>The largest number of tensors.</summary>
    public const int TensorCountMax = SafetensorsHeader.TensorCountMax;

    /// <summary>Checks the tensors and lays out the weight vector.</summary>
    /// <exception cref="ArgumentException">A tensor is none a model can have, two share a name, or there are too many.</exception>
    public ModelManifest(IEnumerable<TensorSpec> tensors)
    {
        Tensors = [.. tensors];
        if (Problem(Tensors) is { } problem)
            throw new ArgumentException($"{problem} Correct the manifest.", nameof(tensors));
        var weights = ImmutableArray.CreateBuilder<WeightSlice>();
        foreach (TensorSpec tensor in Tensors)
        {
            (long count, long bytes) = Measure(tensor);
            DataLength += bytes;
            if (tensor.Role != TensorRole.Weight)
                continue;
            weights.Add(new WeightSlice(tensor, WeightCount, count));
            WeightCount += count;
        }

        Weights = weights.ToImmutable();
    }

    /// <summary>All tensors in order, weights and buffers.</summary>
    public ImmutableArray<TensorSpec> Tensors { get; }

    /// <summary>The weight tensors in order, each with its place in the flat weight vector.</summary>
    public ImmutableArray<WeightSlice> Weights { get; }

    /// <summary>d: the number of weights, and the length of the flat weight vector.</summary>
    public long WeightCount { get; }

    /// <summary>
    /// The bytes of all tensors; a file of the model has these, 8 bytes and a header of at most <see cref="SafetensorsHeader.LengthMax"/>.
    /// </summary>
    public long DataLength { get; }

    /// <summary>The manifest as JSON: fixed order of members, no whitespace, one spelling, so equal manifests have equal digests.</summary>
    public byte[] ToJson() => ManifestJson.Write(this);

    /// <summary>Reads a manifest; members come in any order, unknown, missing and duplicate ones are refused.</summary>
    /// <exception cref="FormatException">The bytes are anything else.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> utf8) => ManifestJson.Read(utf8);

    /// <summary>Why these tensors are no model, as a sentence; null when they are.</summary>
    internal static string? Problem(ImmutableArray<TensorSpec> tensors)
    {
        if (tensors.Length > TensorCountMax)
            return $"A model has at most {TensorCountMax} tensors, but {tensors.Length} came.";
        HashSet<string> names = new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (TensorSpec tensor in tensors)
        {
            if (tensor.Problem() is { } problem)
                return problem;
            if (!names.Add(tensor.Name))
                return $"Names are unique in a model, but tensor {Quoted.Text(tensor.Name)} comes twice.";
            long more = Measure(tensor).Bytes;
            if (more > long.MaxValue - bytes)
                return $"A model's number of bytes must fit 63 bits, but with tensor {Quoted.Text(tensor.Name)} it does not.";
            bytes += more;
        }

        return null;
    }

    static (long Count, long Bytes) Measure(TensorSpec tensor) =>
        TensorShape.TryMeasure(tensor.Type, tensor.Shape.AsSpan(), out long count, out long bytes)
            ? (count, bytes)
            : throw new UnreachableException($"Tensor {Quoted.Text(tensor.Name)} is larger than was checked.");
}
