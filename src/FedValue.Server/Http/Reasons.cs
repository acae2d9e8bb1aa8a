namespace FedValue.Server.Http;

/// <summary>Why the operator did something, as it will stand on the ledger, where everybody reads it.</summary>
static class Reasons
{
    const int LengthMax = 500;

    /// <exception cref="ApiException">400: it is blank or too long, or holds characters that are no text: line ends, NUL and the like.</exception>
    public static string Of(string text, string field = "reason") =>
        string.IsNullOrWhiteSpace(text) || text.Length > LengthMax || text.Any(char.IsControl)
            ? throw Problems.Field(field, $"a sentence of at most {LengthMax} characters in one line, without control characters", text)
            : text;
}
