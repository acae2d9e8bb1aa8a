using System.Text.Json;

namespace FedValue.Server.Http;

/// <summary>The members of a JSON object, each of one kind; whatever else comes is refused by the member's name.</summary>
sealed class JsonMembers
{
    readonly JsonElement _object;
    readonly string _place;

    /// <summary>Takes an object whose members all are among the known ones, each there once at most.</summary>
    /// <exception cref="ApiException">It is no object, or has another member, or one twice.</exception>
    public JsonMembers(JsonElement value, string place, params string[] known)
    {
        (_object, _place) = (value, place);
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(place, "a JSON object", value);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                string name = Problems.Shown(member.Name), names = string.Join(", ", known);
                throw Problems.Malformed($"There is no member '{Below(name)}'; the members are {names}.", Below(name), "one of " + names, name);
            }
            if (!seen.Add(member.Name))
                throw Problems.Malformed($"'{Below(member.Name)}' stands there twice; say it once.", Below(member.Name), "one value", "two values");
        }
    }

    public string Text(string name) => OptionalText(name) ?? throw Problems.Field(Below(name), "a text", null);

    public string? OptionalText(string name) => Find(name) is { } value
        ? value.ValueKind == JsonValueKind.String ? Unicode(name, value) : throw Wrong(Below(name), "a text", value)
        : null;

    public long Whole(string name, long least, long most) => OptionalWhole(name, least, most)
        ?? throw Problems.Field(Below(name), Range(least, most), null);

    public long? OptionalWhole(string name, long least, long most)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw Wrong(Below(name), Range(least, most), value);
    }

    public double? OptionalNumber(string name)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(Below(name), "a number", value);
    }

    public IReadOnlyList<string>? OptionalTexts(string name)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => Unicode(name, item))]
            : throw Wrong(Below(name), "a list of texts", value);
    }

    public bool? OptionalFlag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(Below(name), "true or false", value);

    public JsonMembers? OptionalObject(string name, params string[] known) =>
        Find(name) is { } value ? new JsonMembers(value, Below(name), known) : null;

    public bool IsNumber(string name) => Find(name) is { ValueKind: JsonValueKind.Number };

    JsonElement? Find(string name) => _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    string Unicode(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Problems.Malformed($"'{Below(name)}' has something that is no text in Unicode.", Below(name), "a text");
        }
    }

    string Below(string name) => _place == "" ? name : $"{_place}.{name}";

    static string Range(long least, long most) =>
        most == long.MaxValue ? $"a whole number of {least} or more" : $"a whole number from {least} to {most}";

    static ApiException Wrong(string field, string expected, JsonElement came) => Problems.Field(field, expected, came.GetRawText());
}
