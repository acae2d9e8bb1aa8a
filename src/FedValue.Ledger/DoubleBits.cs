using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedValue.Ledger;

/// <summary>A double on the ledger: the 16 lower-case hex digits of its IEEE 754 bits, so that one value has one spelling.</summary>
/// <param name="Value">The number itself.</param>
[JsonConverter(typeof(DoubleBitsJsonConverter))]
public readonly record struct DoubleBits(double Value)
{
    /// <summary>Wraps a number for the ledger.</summary>
    public static implicit operator DoubleBits(double value) => new(value);

    /// <summary>Equal bits: a NaN equals itself, and 0 differs from -0.</summary>
    public bool Equals(DoubleBits other) => BitConverter.DoubleToUInt64Bits(Value) == BitConverter.DoubleToUInt64Bits(other.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.DoubleToUInt64Bits(Value).GetHashCode();

    /// <summary>The 16 lower-case hex digits.</summary>
    public override string ToString() => BitConverter.DoubleToUInt64Bits(Value).ToString("x16", CultureInfo.InvariantCulture);
}

sealed class DoubleBitsJsonConverter : JsonConverter<DoubleBits>
{
    public override DoubleBits Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? hex = reader.GetString();
        return hex is { Length: 16 } && !hex.AsSpan().ContainsAnyExcept("0123456789abcdef")
            ? BitConverter.UInt64BitsToDouble(ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
            : throw new JsonException("expected the bits of a double as 16 lower-case hex digits");
    }

    public override void Write(Utf8JsonWriter writer, DoubleBits value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
