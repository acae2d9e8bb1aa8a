using System.Text.Json;

namespace FedValue.Server.Http;

/// <summary>Why a text is no JSON, for people: the parser counts lines and bytes from 0, in words of its own.</summary>
static class JsonFault
{
    const int ShownMax = 300;

    /// <summary>The reason and its place, as a sentence.</summary>
    public static string Sentence(JsonException fault)
    {
        string reason = fault.Message;
        foreach (string end in (string[])[" Path: ", " LineNumber: "])
        {
            if (reason.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at)
                reason = reason[..at];
        }
        string place = fault is { LineNumber: { } line, BytePositionInLine: { } position }
            ? FormattableString.Invariant($" (line {line + 1}, byte {position + 1})") : "";
        return $"{Problems.Shown(reason, ShownMax).TrimEnd('.')}{place}.";
    }
}
