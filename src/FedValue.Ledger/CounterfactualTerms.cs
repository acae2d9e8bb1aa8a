using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FedValue.Ledger.Events;

namespace FedValue.Ledger;

/// <summary>
/// The aggregators under which every round is valued again without training with them. An entry never writes or reads an empty list: it
/// leaves it out.
/// </summary>
/// <param name="Listed">One or more; null: there are none.</param>
[JsonConverter(typeof(CounterfactualTermsJsonConverter))]
public readonly record struct CounterfactualTerms(IReadOnlyList<AggregatorTerms>? Listed)
{
    /// <summary>The aggregators; empty where there are none.</summary>
    [JsonIgnore]
    public IReadOnlyList<AggregatorTerms> Members => Listed ?? [];
}

sealed class CounterfactualTermsJsonConverter : JsonConverter<CounterfactualTerms>
{
    public override bool HandleNull => true;

    public override CounterfactualTerms Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartArray && JsonSerializer.Deserialize(ref reader, List(options)) is { Count: > 0 } members
            ? new CounterfactualTerms(members)
            : throw new JsonException("expected one counterfactual aggregator or more, or no such member");

    public override void Write(Utf8JsonWriter writer, CounterfactualTerms value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Members, List(options));

    static JsonTypeInfo<IReadOnlyList<AggregatorTerms>> List(JsonSerializerOptions options) =>
        (JsonTypeInfo<IReadOnlyList<AggregatorTerms>>)options.GetTypeInfo(typeof(IReadOnlyList<AggregatorTerms>));
}
