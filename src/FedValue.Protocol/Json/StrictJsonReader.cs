using System.Text.Json;

namespace FedValue.Protocol.Json;

/// <summary>
/// Reads JSON of a known form, token by token: no duplicate member, no fraction, no exponent, no comment. Every refusal is a
/// <see cref="JsonException"/> that says what was expected and what came.
/// </summary>
ref struct StrictJsonReader(ReadOnlySpan<byte> utf8, int depthMax)
{
    Utf8JsonReader _reader = new(utf8, new JsonReaderOptions { MaxDepth = depthMax });

    /// <summary>Moves to the next token, which must be of this kind.</summary>
    public void Expect(JsonTokenType expected, string what)
    {
        Read(what);
        if (_reader.TokenType != expected)
            throw Unexpected(what);
    }

    /// <summary>Moves to the next member of the object and gives its name; false at the object's end.</summary>
    public bool NextMember(HashSet<string> seen, out string name)
    {
        name = "";
        Read("a member");
        if (_reader.TokenType == JsonTokenType.EndObject)
            return false;
        name = Decode();
        return seen.Add(name) ? true : throw new DuplicateKeyException($"the member {Quoted.Text(name)} comes twice");
    }

    /// <summary>Moves to the next element of an array, which must be of this kind; false at the array's end.</summary>
    public bool NextElement(JsonTokenType expected, string what)
    {
        Read(what);
        if (_reader.TokenType == JsonTokenType.EndArray)
            return false;
        return _reader.TokenType == expected ? true : throw Unexpected(what);
    }

    /// <summary>Moves to the next token, which must be a string.</summary>
    public string String(string what)
    {
        Expect(JsonTokenType.String, what);
        return Decode();
    }

    /// <summary>Moves to the next token, which must be an array of integers 0 .. 2^64 - 1.</summary>
    public List<ulong> Integers(string what)
    {
        Expect(JsonTokenType.StartArray, what);
        var numbers = new List<ulong>();
        while (NextElement(JsonTokenType.Number, what))
            numbers.Add(Integer(what));
        return numbers;
    }

    /// <summary>Nothing but whitespace may follow.</summary>
    public void End()
    {
        if (_reader.Read())
            throw Unexpected("the end");
    }

    // TryGetUInt64 takes digits and nothing else: neither -0, nor 4.0, nor 4e0.
    readonly ulong Integer(string what) => _reader.TryGetUInt64(out ulong number) ? number : throw Unexpected(what);

    void Read(string what)
    {
        if (!_reader.Read())
            throw new JsonException($"expected {what}, but the text ends");
    }

    readonly string Decode()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException($"the string at byte {_reader.TokenStartIndex} escapes half a surrogate pair");
        }
    }

    readonly JsonException Unexpected(string what) =>
        new($"expected {what}, but at byte {_reader.TokenStartIndex} came {Shown()}");

    readonly string Shown() => _reader.TokenType switch
    {
        JsonTokenType.Number => Quoted.Text(System.Text.Encoding.UTF8.GetString(_reader.ValueSpan)),
        JsonTokenType.String or JsonTokenType.PropertyName => $"the string {Quoted.Text(Decode())}",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "its end",
    };
}
