using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Events;

/// <summary>The bytes of a ledger entry: an event as compact UTF-8 JSON, <c>type</c> first, then its members as declared.</summary>
/// <remarks>
/// Reading is strict: a member that is unknown, missing, repeated or wrongly null is an error. A round without coalition utilities says
/// <c>"coalitionUtilities":null</c>, a federation without validation rows <c>"validation":null</c> and its rounds
/// <c>"validationLoss":null,"validationAccuracy":null</c>; leaving one of these members out is an error too, and no other null is written.
/// A member with a default, such as <c>memory</c>, <c>claimedLoss</c> or <c>signature</c>, is left out where there is none.
/// </remarks>
public static class EventJson
{
    /// <summary>The most bytes an event may have: 65,535, the limit of a ledger entry.</summary>
    public const int LengthMax = LedgerEntry.LengthMax;

    // No HTML in sight: the relaxed encoder leaves names and sentences readable.
    static readonly JsonTypeInfo<LedgerEvent> Event = new EventJsonContext(
        new JsonSerializerOptions(EventJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).LedgerEvent;

    /// <summary>Writes an event.</summary>
    /// <exception cref="LedgerFormatException">It needs more than <see cref="LengthMax"/> bytes.</exception>
    public static byte[] Serialize(LedgerEvent ledgerEvent)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(ledgerEvent, Event);
        return bytes.Length <= LengthMax
            ? bytes
            : throw TooLong($"{ledgerEvent.GetType().Name} event", bytes.Length);
    }

    /// <summary>Reads an event.</summary>
    /// <exception cref="LedgerFormatException">The bytes are not exactly one event that this version knows.</exception>
    public static LedgerEvent Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LengthMax)
            throw TooLong("ledger entry", utf8.Length);
        try
        {
            RefuseNullElements(utf8);
            return JsonSerializer.Deserialize(utf8, Event) ?? throw new JsonException("null came instead of an object");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new LedgerFormatException(
                $"Expected a ledger event that this version of FedValue knows, but reading it failed: {e.Message}", e);
        }
    }

    // The serializer refuses a null member where the type does, but knows nothing about the elements of a list,
    // nor that an absent member has one spelling.
    static void RefuseNullElements(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        bool nullable = false; // whether the member at hand may be null
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null && !nullable)
                throw new JsonException($"a null stands where a value belongs, at byte {reader.TokenStartIndex}");
            nullable = reader.TokenType == JsonTokenType.PropertyName && MayBeNull(ref reader);
        }
    }

    static bool MayBeNull(ref Utf8JsonReader member) =>
        member.ValueTextEquals("coalitionUtilities"u8) || member.ValueTextEquals("validation"u8)
        || member.ValueTextEquals("validationLoss"u8) || member.ValueTextEquals("validationAccuracy"u8);

    static LedgerFormatException TooLong(string what, int length) =>
        new($"A {what} has at most {LengthMax} bytes, but this one has {length}: put long lists into a blob and name its digest.");
}
