using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedValue.Ledger;

/// <summary>A stop condition on the ledger, in its one spelling. An entry never writes or reads an empty one: it leaves it out.</summary>
/// <param name="Spelling">The condition, one character or more.</param>
[JsonConverter(typeof(StopTextJsonConverter))]
public readonly record struct StopText(string? Spelling)
{
    /// <summary>The condition; empty where there is none.</summary>
    [JsonIgnore]
    public string Text => Spelling ?? "";

    /// <inheritdoc/>
    public override string ToString() => Text;
}

sealed class StopTextJsonConverter : JsonConverter<StopText>
{
    public override bool HandleNull => true;

    public override StopText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text
            ? new StopText(text)
            : throw new JsonException("expected a stop condition as text, or no such member");

    public override void Write(Utf8JsonWriter writer, StopText value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
