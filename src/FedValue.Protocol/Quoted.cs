namespace FedValue.Protocol;

/// <summary>Text from outside, made fit for an error message.</summary>
static class Quoted
{
    const int LengthMax = 80;

    /// <summary>The text in quotes, cut after 80 characters, with control characters and lone surrogates as '?'.</summary>
    public static string Text(string text)
    {
        // A name may be a megabyte of line feeds; it must not become one in somebody's log.
        string shown = string.Concat(text.EnumerateRunes().Take(LengthMax).Select(Printable));
        return shown.Length < text.Length ? $"'{shown}...'" : $"'{shown}'";
    }

    static string Printable(System.Text.Rune rune) =>
        System.Text.Rune.IsControl(rune) || rune == System.Text.Rune.ReplacementChar ? "?" : rune.ToString();
}
