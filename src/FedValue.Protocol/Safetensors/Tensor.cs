using System.Collections.Immutable;
using FedValue.Protocol.Json;

namespace FedValue.Protocol.Safetensors;

/// <summary>A named array of numbers as its little-endian bytes in row-major order; the bytes are shared, not copied.</summary>
public sealed class Tensor
{
    /// <summary>Names bytes that are already there; shape [] is a scalar.</summary>
    /// <exception cref="ArgumentException">The name cannot stand in a file, or type and shape ask for another number of bytes.</exception>
    public Tensor(string name, TensorType type, ImmutableArray<long> shape, ReadOnlyMemory<byte> bytes)
    {
        if (name == SafetensorsHeader.MetadataName || !JsonText.IsWellFormed(name))
            throw new ArgumentException(
                $"A tensor's name is well-formed text other than {SafetensorsHeader.MetadataName}, but {Quoted.Text(name)} came.",
                nameof(name));
        if (shape.IsDefault || shape.Any(dimension => dimension < 0))
            throw new ArgumentException(
                $"Dimensions are 0 or more, and a scalar has none, but tensor {Quoted.Text(name)} has another shape.", nameof(shape));
        if (!TensorShape.TryMeasure(type, shape.AsSpan(), out long elements, out long length) || length != bytes.Length)
            throw new ArgumentException(
                $"Tensor {Quoted.Text(name)} is {TensorShape.Describe(type, shape)}: expected {type.Width()} bytes for each element,"
                + $" but {bytes.Length} bytes came; correct the shape or give all bytes.",
                nameof(bytes));
        (Name, Type, Shape, Bytes, Count) = (name, type, shape, bytes, (int)elements);
    }

    /// <summary>The tensor's name, unique in a file.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public TensorType Type { get; }

    /// <summary>Its dimensions, none for a scalar; row-major.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The elements, little-endian, row-major.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The number of elements: the product of the shape, 1 for a scalar.</summary>
    public int Count { get; }

    /// <summary>Type and shape, such as <c>F32 [10,64]</c>.</summary>
    public string Form => TensorShape.Describe(Type, Shape);

    /// <summary>An F64 tensor with a copy of the values.</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of values, or the name cannot stand in a file.</exception>
    public static Tensor OfDoubles(string name, ImmutableArray<long> shape, ReadOnlySpan<double> values) =>
        new(name, TensorType.F64, shape, LittleEndian.ToBytes(values));

    /// <summary>An F32 tensor with a copy of the values.</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of values, or the name cannot stand in a file.</exception>
    public static Tensor OfSingles(string name, ImmutableArray<long> shape, ReadOnlySpan<float> values) =>
        new(name, TensorType.F32, shape, LittleEndian.ToBytes(values));

    /// <summary>An I64 tensor with a copy of the values.</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of values, or the name cannot stand in a file.</exception>
    public static Tensor OfInt64s(string name, ImmutableArray<long> shape, ReadOnlySpan<long> values) =>
        new(name, TensorType.I64, shape, LittleEndian.ToBytes(values));

    /// <summary>A copy of the elements of an F64 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type; nothing is converted.</exception>
    public double[] AsDoubles() => CopyOf<double>(TensorType.F64);

    /// <summary>A copy of the elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type; nothing is converted.</exception>
    public float[] AsSingles() => CopyOf<float>(TensorType.F32);

    /// <summary>A copy of the elements of an I64 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type; nothing is converted.</exception>
    public long[] AsInt64s() => CopyOf<long>(TensorType.I64);

    T[] CopyOf<T>(TensorType expected)
        where T : unmanaged =>
        Type == expected
            ? LittleEndian.ToArray<T>(Bytes.Span, Count)
            : throw new InvalidOperationException(
                $"Tensor {Quoted.Text(Name)} was asked for as {expected}, but it is {Form}; numbers are never converted on the way.");
}
