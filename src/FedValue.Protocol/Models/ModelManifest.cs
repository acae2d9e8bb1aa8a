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

    const int HeaderPart = SafetensorsHeader.PrefixLength + SafetensorsHeader.LengthMax;
    const int NamesShown = 20;

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
        Buffers = [.. Tensors.Where(tensor => tensor.Role == TensorRole.Buffer)];
    }

    /// <summary>All tensors in order, weights and buffers.</summary>
    public ImmutableArray<TensorSpec> Tensors { get; }

    /// <summary>The weight tensors in order, each with its place in the flat weight vector.</summary>
    public ImmutableArray<WeightSlice> Weights { get; }

    /// <summary>The buffers in order.</summary>
    public ImmutableArray<TensorSpec> Buffers { get; }

    /// <summary>d: the number of weights, and the length of the flat weight vector.</summary>
    public long WeightCount { get; }

    /// <summary>
    /// The bytes of all tensors; a file of the model has these, 8 bytes and a header of at most <see cref="SafetensorsHeader.LengthMax"/>
    /// (<see cref="FileLengthMax"/>).
    /// </summary>
    public long DataLength { get; }

    /// <summary>The longest file of the model that can be well formed, in bytes.</summary>
    public long FileLengthMax => DataLength > long.MaxValue - HeaderPart ? long.MaxValue : DataLength + HeaderPart;

    /// <summary>The manifest of a file's tensors in the order of their bytes.</summary>
    /// <param name="header">The file's header.</param>
    /// <param name="buffers">Names of tensors that are carried along and not trained; those of type I64 are buffers anyway.</param>
    /// <exception cref="FormatException">A named tensor is not there, or the tensors are none that a model can have.</exception>
    public static ModelManifest Of(SafetensorsHeader header, IEnumerable<string> buffers)
    {
        HashSet<string> carried = new(buffers, StringComparer.Ordinal);
        ImmutableArray<TensorSpec> tensors =
        [
            .. header.Tensors.Select(tensor => new TensorSpec(tensor.Name, tensor.Type, tensor.Shape,
                tensor.Type == TensorType.I64 || carried.Contains(tensor.Name) ? TensorRole.Buffer : TensorRole.Weight)),
        ];
        carried.ExceptWith(tensors.Select(tensor => tensor.Name));
        if (carried.Count > 0)
        {
            string unknown = Quoted.Text(carried.Order(StringComparer.Ordinal).First());
            string known = string.Join(", ", tensors.Take(NamesShown).Select(tensor => Quoted.Text(tensor.Name)));
            throw new FormatException(
                $"Buffers are tensors of the file, but it has no tensor {unknown}; it has {known}{(tensors.Length > NamesShown ? ", ..." : "")}.");
        }
        return Problem(tensors) is { } problem ? throw new FormatException(problem) : new ModelManifest(tensors);
    }

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
