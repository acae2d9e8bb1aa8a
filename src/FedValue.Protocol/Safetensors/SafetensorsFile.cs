using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace FedValue.Protocol.Safetensors;

/// <summary>A safetensors file in memory: its tensors are slices of the bytes it was read from.</summary>
public sealed class SafetensorsFile
{
    readonly FrozenDictionary<string, Tensor> _byName;

    SafetensorsFile(SafetensorsHeader header, ImmutableArray<Tensor> tensors)
    {
        (Header, Tensors) = (header, tensors);
        _byName = tensors.ToFrozenDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The checked header.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public ImmutableArray<Tensor> Tensors { get; }

    /// <summary>The metadata in ordinal order; empty when there is none.</summary>
    public ImmutableSortedDictionary<string, string> Metadata => Header.Metadata;

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    public Tensor this[string name] =>
        TryGet(name, out Tensor? tensor)
            ? tensor
            : throw new KeyNotFoundException($"Expected a tensor {Quoted.Text(name)}, but the file has none among its {Tensors.Length}.");

    /// <summary>Reads a whole file; the bytes are shared, not copied, and must not change afterwards.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule.</exception>
    public static SafetensorsFile Read(ReadOnlyMemory<byte> file)
    {
        SafetensorsHeader header = SafetensorsHeader.Parse(file.Span);
        ReadOnlyMemory<byte> data = file[header.DataStart..];
        return new SafetensorsFile(
            header,
            [.. header.Tensors.Select(info => new Tensor(info.Name, info.Type, info.Shape, data[(int)info.Begin..(int)info.End]))]);
    }

    /// <summary>The tensor of this name, if the file has it.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor) => _byName.TryGetValue(name, out tensor);
}
