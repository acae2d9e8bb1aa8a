using System.Collections.Immutable;
using FedValue.Protocol.Json;
using FedValue.Protocol.Safetensors;
using static FedValue.Protocol.Safetensors.TensorType;

namespace FedValue.Protocol.Models;

/// <summary>One tensor of a model: what a file must have under this name, exactly.</summary>
/// <param name="Name">1 to 256 UTF-16 code units, unique in the model.</param>
/// <param name="Type">A weight is F32, F16, BF16 or F64; a buffer one of these or I64.</param>
/// <param name="Shape">Its dimensions, none for a scalar; row-major.</param>
/// <param name="Role">Weight or buffer.</param>
public sealed record TensorSpec(string Name, TensorType Type, ImmutableArray<long> Shape, TensorRole Role)
{
    /// <summary>The longest name, in UTF-16 code units.</summary>
    public const int NameLengthMax = 256;

    /// <summary>Type and shape, such as <c>F32 [10,64]</c>.</summary>
    public string Form => TensorShape.Describe(Type, Shape);

    /// <summary>How many bytes it has.</summary>
    public long Length => TensorShape.TryMeasure(Type, Shape.AsSpan(), out _, out long bytes)
        ? bytes : throw new InvalidOperationException($"No model can have a tensor {Quoted.Text(Name)} of the form {Form}.");

    /// <summary>Same name, type, dimensions and role.</summary>
    public bool Equals(TensorSpec? other) =>
        other is not null && (Name, Type, Role) == (other.Name, other.Type, other.Role)
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Role, Shape.IsDefault ? 0 : Shape.Length);

    /// <summary>Name, type, shape and role, for people.</summary>
    public override string ToString() => $"{Name}: {Form} {Role}";

    /// <summary>Why no model can have this tensor, as a sentence; null when one can.</summary>
    internal string? Problem() => this switch
    {
        { Name: "" or null } => "A tensor's name must not be empty.",
        { Name.Length: > NameLengthMax } =>
            $"A tensor's name has at most {NameLengthMax} UTF-16 code units, but {Quoted.Text(Name)} has {Name.Length}.",
        { Name: SafetensorsHeader.MetadataName } => $"No tensor can be named {Name}: safetensors keeps its metadata there.",
        _ when !JsonText.IsWellFormed(Name) =>
            $"A tensor's name must have UTF-8 bytes, but {Quoted.Text(Name)} holds half a surrogate pair.",
        { Shape.IsDefault: true } => $"Tensor {Quoted.Text(Name)} has no shape; a scalar has the shape [].",
        _ when Shape.Any(dimension => dimension < 0) => $"Dimensions are 0 or more, but tensor {Quoted.Text(Name)} is {Form}.",
        { Type: not (F32 or F16 or BF16 or F64), Role: TensorRole.Weight } =>
            $"A weight is F32, F16, BF16 or F64, but tensor {Quoted.Text(Name)} is {Form}.",
        { Type: not (F32 or F16 or BF16 or F64 or I64), Role: TensorRole.Buffer } =>
            $"A buffer is F32, F16, BF16, F64 or I64, but tensor {Quoted.Text(Name)} is {Form}.",
        { Role: not (TensorRole.Weight or TensorRole.Buffer) } => $"The role of tensor {Quoted.Text(Name)} must be weight or buffer.",
        _ when !TensorShape.TryMeasure(Type, Shape.AsSpan(), out _, out _) =>
            $"A tensor's number of bits must fit 63 bits, but tensor {Quoted.Text(Name)} is {Form}.",
        _ => null,
    };
}
