using System.Collections.Immutable;

namespace FedValue.Protocol.Safetensors;

/// <summary>What a header says about one tensor; its bytes are <c>[Begin, End)</c> counted from the end of the header.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions, none for a scalar; row-major.</param>
/// <param name="Begin">The first byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
public sealed record TensorInfo(string Name, TensorType Type, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>Type and shape, such as <c>F32 [10,64]</c>.</summary>
    public string Form => TensorShape.Describe(Type, Shape);

    /// <summary>Same name, type, dimensions and offsets.</summary>
    public bool Equals(TensorInfo? other) =>
        other is not null && (Name, Type, Begin, End) == (other.Name, other.Type, other.Begin, other.End)
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Begin, End);

    /// <summary>Name, type, shape and offsets, for people.</summary>
    public override string ToString() => $"{Name}: {Form} [{Begin},{End})";
}
