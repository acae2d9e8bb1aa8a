using System.Text.Json;

namespace FedValue.Cli.Experiments;

/// <summary>A value of a JSON file and where it stands, so that whatever is wrong with it can be said with its place.</summary>
sealed class JsonPlace(JsonElement value, string place)
{
    const int LongestText = 200;

    public string Place => place;

    public JsonValueKind Kind => value.ValueKind;

    public FormatException Wrong(string expected) => new($"{Named} must be {expected}, but {Came} came.");

    public string Text()
    {
        if (Kind != JsonValueKind.String || Unicode(value.GetString) is not { Length: > 0 and <= LongestText } text || text.Any(char.IsControl))
            throw Wrong($"a text of 1 to {LongestText} characters in one line");
        return text;
    }

    public long Whole(long least, long most)
    {
        if (Kind != JsonValueKind.Number || !value.TryGetInt64(out long number) || number < least || number > most)
            throw Wrong($"a whole number from {least} to {most}");
        return number;
    }

    public IReadOnlyList<JsonPlace> Items(string of)
    {
        if (Kind != JsonValueKind.Array || value.GetArrayLength() == 0)
            throw Wrong($"a list of at least one {of}");
        return [.. value.EnumerateArray().Select((item, i) => new JsonPlace(item, $"{place}[{i}]"))];
    }

    public IReadOnlyList<(string Name, JsonPlace Value)> Members()
    {
        if (Kind != JsonValueKind.Object)
            throw Wrong("an object");
        return [.. value.EnumerateObject().Select(member => (member.Name, new JsonPlace(member.Value, Below(member.Name))))];
    }

    /// <summary>The members by name, all of which must be among the known ones.</summary>
    public IReadOnlyDictionary<string, JsonPlace> Known(params IReadOnlyList<string> names)
    {
        IReadOnlyList<(string Name, JsonPlace Value)> members = Members();
        foreach ((string name, _) in members)
        {
            if (!names.Contains(name))
                throw new FormatException($"{Named} has the unknown member '{name}'; its members are {string.Join(", ", names)}.");
        }
        return members.ToDictionary(member => member.Name, member => member.Value);
    }

    /// <summary>A setting of a simulation as the texts that a command line would hold.</summary>
    public IReadOnlyList<string> Texts() => Kind switch
    {
        JsonValueKind.String or JsonValueKind.Number => [Scalar()],
        JsonValueKind.Array when value.GetArrayLength() == 0 => ["none"],
        JsonValueKind.Array => [.. Items("text").Select(item => item.Scalar())],
        _ => throw Wrong("a text, a number or a list of them"),
    };

    string Scalar() => Kind switch
    {
        JsonValueKind.String => Unicode(value.GetString)!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Wrong("a text or a number"),
    };

    /// <summary>Values are decoded when they are asked for, and only then halves of surrogate pairs and bytes that are not UTF-8 show.</summary>
    string? Unicode(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"{Named} has something that is no text in Unicode; save the file as UTF-8.");
        }
    }

    string Named => place == "" ? "the file" : $"'{place}'";

    string Below(string name) => place == "" ? name : $"{place}.{name}";

    string Came => Kind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty list" : "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => value.GetRawText() is { Length: <= 60 } text ? text : "a longer text",
    };
}
