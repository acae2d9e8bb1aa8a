using System.Globalization;
using System.Text;

namespace FedValue.Protocol.Json;

/// <summary>JSON whose bytes are ours to promise: no whitespace, and one spelling of every string.</summary>
static class JsonText
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Appends a string in quotes: escapes are those of RFC 8785 section 3.2.2.2, everything else stays as it is.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair, which has no UTF-8 bytes.</exception>
    public static StringBuilder AppendJson(this StringBuilder json, string text)
    {
        // System.Text.Json's encoders may escape more or less in the next release, and digests are taken of these bytes.
        if (!IsWellFormed(text))
            throw new ArgumentException($"Expected text that has UTF-8 bytes, but {Quoted.Text(text)} holds half a surrogate pair.");
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\t' => json.Append("\\t"),
                '\n' => json.Append("\\n"),
                '\f' => json.Append("\\f"),
                '\r' => json.Append("\\r"),
                < ' ' => json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => json.Append(c),
            };
        }

        return json.Append('"');
    }

    /// <summary>Appends integers as <c>[2,3]</c>.</summary>
    public static StringBuilder AppendJson(this StringBuilder json, IEnumerable<long> numbers) =>
        json.Append('[').AppendJoin(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))).Append(']');

    /// <summary>The UTF-8 bytes of what was appended, without a byte order mark.</summary>
    public static byte[] ToUtf8(this StringBuilder json) => Utf8.GetBytes(json.ToString());

    /// <summary>Whether every surrogate is half of a pair.</summary>
    public static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
