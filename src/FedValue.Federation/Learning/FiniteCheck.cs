using FedValue.Kernels;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Learning;

/// <summary>Looks for numbers that are not finite in the pieces of a model's file.</summary>
/// <param name="manifest">What its tensors are.</param>
sealed class FiniteCheck(ModelManifest manifest)
{
    readonly HashSet<string> _weights = new(manifest.Weights.Select(weight => weight.Tensor.Name), StringComparer.Ordinal);
    FiniteScan? _scan;
    FormatException? _found;

    /// <summary>Takes some bytes of a tensor; those of one come in order.</summary>
    public void Take(TensorInfo tensor, long at, ReadOnlySpan<byte> bytes)
    {
        if (at == 0)
            _scan = tensor.Type == TensorType.I64 ? null : new FiniteScan(FormatOf(tensor.Type), asSingle: _weights.Contains(tensor.Name));
        _scan?.Append(bytes);
        if (_found is null && _scan is { First: { } first })
            _found = NotFinite(tensor.Name, first.Index, first.Value);
    }

    /// <summary>Throws when a number was not finite.</summary>
    /// <exception cref="FormatException">The first of them.</exception>
    public void ThrowIfFound()
    {
        if (_found is not null)
            throw _found;
    }

    /// <summary>How numbers of a type are written.</summary>
    public static WeightFormat FormatOf(TensorType type) => type switch
    {
        TensorType.F16 => WeightFormat.F16,
        TensorType.BF16 => WeightFormat.BF16,
        TensorType.F64 => WeightFormat.F64,
        _ => WeightFormat.F32,
    };

    /// <summary>What is said of a number.</summary>
    public static FormatException NotFinite(string tensor, long offset, double value) =>
        new($"A federation begins with finite numbers, but {Sentence(tensor, offset, value)}");

    /// <summary>Where the number is and what it is, as the end of a sentence.</summary>
    public static string Sentence(string tensor, long offset, double value) => $"element {offset} of tensor '{tensor}' is {value}"
        + (double.IsFinite(value) ? ", beyond the range of single precision that weights are computed in." : ".");
}
