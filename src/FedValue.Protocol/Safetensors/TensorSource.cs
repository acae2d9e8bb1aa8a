using System.Collections.Immutable;

namespace FedValue.Protocol.Safetensors;

/// <summary>A tensor of a file that is written piece by piece: what its header says, and its bytes when they are asked for.</summary>
/// <param name="name">The tensor's name, unique in the file.</param>
/// <param name="type">The type of its elements.</param>
/// <param name="shape">Its dimensions, none for a scalar; row-major.</param>
public abstract class TensorSource(string name, TensorType type, ImmutableArray<long> shape)
{
    /// <summary>The tensor's name.</summary>
    public string Name { get; } = name;

    /// <summary>The type of its elements.</summary>
    public TensorType Type { get; } = type;

    /// <summary>Its dimensions.</summary>
    public ImmutableArray<long> Shape { get; } = shape;

    /// <summary>How many bytes it has.</summary>
    public long Length { get; } = TensorShape.TryMeasure(type, shape.AsSpan(), out _, out long bytes)
        ? bytes
        : throw SafetensorsHeader.Overflow(name);

    /// <summary>Writes the bytes from a place on, little-endian; place and number are multiples of an element's width.</summary>
    public abstract void Read(long at, Span<byte> destination);

    /// <summary>A tensor that is there already.</summary>
    public static TensorSource Of(Tensor tensor) => new Whole(tensor);

    /// <summary>An F64 tensor [n] of numbers that are not copied.</summary>
    public static TensorSource OfDoubles(string name, double[] values) => new Doubles(name, values);

    sealed class Whole(Tensor tensor) : TensorSource(tensor.Name, tensor.Type, tensor.Shape)
    {
        public override void Read(long at, Span<byte> destination) => tensor.Bytes.Span.Slice((int)at, destination.Length).CopyTo(destination);
    }

    sealed class Doubles(string name, double[] values) : TensorSource(name, TensorType.F64, [values.Length])
    {
        public override void Read(long at, Span<byte> destination) => LittleEndian.CopyTo(
            values.AsSpan((int)(at / sizeof(double)), destination.Length / sizeof(double)), destination);
    }
}
