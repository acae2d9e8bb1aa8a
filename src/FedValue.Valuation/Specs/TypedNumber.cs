using System.Globalization;
using System.Numerics;

namespace FedValue.Valuation.Specs;

/// <summary>Numbers as somebody typed them, in invariant culture; unlike .NET's own parsers, no NUL may follow one.</summary>
public static class TypedNumber
{
    /// <summary>Reads a number; false when the text is anything else or too large.</summary>
    public static bool TryParse<T>(string? text, NumberStyles styles, out T number)
        where T : struct, INumberBase<T>
    {
        number = default;
        return text is not null && !text.Contains('\0') && T.TryParse(text, styles, CultureInfo.InvariantCulture, out number);
    }
}
