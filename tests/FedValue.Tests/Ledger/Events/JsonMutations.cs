using System.Text.Json;

namespace FedValue.Tests.Ledger.Events;

/// <summary>Every text that differs from an event's JSON in one place and that a strict reader refuses.</summary>
static class JsonMutations
{
    public static string Render(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object(element.EnumerateObject().Select(Member)),
        JsonValueKind.Array => Array(element.EnumerateArray().Select(Render)),
        _ => element.GetRawText(),
    };

    public static IEnumerable<string> Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => OfObject(element),
        JsonValueKind.Array => OfArray(element),
        JsonValueKind.Number => OfNumber(element.GetRawText()),
        JsonValueKind.String => OfString(element.GetString()!),
        _ => ["7"],
    };

    static IEnumerable<string> OfObject(JsonElement element)
    {
        JsonProperty[] members = [.. element.EnumerateObject()];
        string[] texts = [.. members.Select(Member)];
        yield return "null";
        yield return "[]";
        yield return "\"object\"";
        yield return Object([.. texts, "\"unknown\":0"]);
        for (int i = 0; i < members.Length; i++)
        {
            (string[] before, string[] after) = (texts[..i], texts[(i + 1)..]);
            (string name, string value) = (members[i].Name, Render(members[i].Value));
            yield return Object([.. before, .. after]);
            yield return Object([.. texts, texts[i]]);
            yield return Object([.. before, texts[i], texts[i], .. after]);
            yield return Object([.. before, $"\"{char.ToUpperInvariant(name[0])}{name[1..]}\":{value}", .. after]);
            foreach (string changed in Of(members[i].Value))
                yield return Object([.. before, $"\"{name}\":{changed}", .. after]);
        }
    }

    static IEnumerable<string> OfArray(JsonElement element)
    {
        string[] texts = [.. element.EnumerateArray().Select(Render)];
        yield return "null";
        yield return "{}";
        yield return "0";
        yield return Array([.. texts, "null"]);
        for (int i = 0; i < texts.Length; i++)
        {
            foreach (string changed in Of(element[i]))
                yield return Array([.. texts[..i], changed, .. texts[(i + 1)..]]);
        }
    }

    static IEnumerable<string> OfNumber(string digits) =>
    [
        $"{digits}.0", $"{digits}.5", $"{digits}e0", $"{digits}E+1", $"0{digits}", $"\"{digits}\"",
        "9223372036854775808", "null", "true", "[]",
    ];

    // A digest or the bits of a double is refused in capitals, too, and when it is one digit longer or shorter.
    static IEnumerable<string> OfString(string text)
    {
        yield return "null";
        yield return "5";
        yield return "{}";
        if (text.Length is 64 or 16 && text.All(char.IsAsciiHexDigitLower))
        {
            yield return $"\"{text[1..]}\"";
            yield return $"\"{text}0\"";
            yield return $"\"{text[1..]}A\"";
            yield return $"\"{text[1..]} \"";
            yield return "\"\"";
        }
    }

    static string Member(JsonProperty member) => $"\"{member.Name}\":{Render(member.Value)}";

    static string Object(IEnumerable<string> members) => $"{{{string.Join(',', members)}}}";

    static string Array(IEnumerable<string> elements) => $"[{string.Join(',', elements)}]";
}
