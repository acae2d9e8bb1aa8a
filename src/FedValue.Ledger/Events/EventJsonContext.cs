using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedValue.Ledger.Events;

// Strict: unknown and duplicate members, other capitals, missing constructor arguments and nulls are errors.
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LedgerEvent))]
sealed partial class EventJsonContext : JsonSerializerContext;
