namespace FedValue.Cli.Runs;

/// <summary>Where a ledger is looked for.</summary>
static class LedgerPlace
{
    const string Federations = "federations";
    const int ShownMax = 5;

    /// <summary>That a folder holds none, and where in a server's data folder they are.</summary>
    public static string Absent(string folder)
    {
        string sentence = $"There is no ledger in '{folder}': expected the file {RunFolder.LedgerFile} of a run or a federation";
        string[] inside = Inside(folder).Concat(Inside(Path.Combine(folder, Federations))).ToArray();
        string more = inside.Length > ShownMax ? ", ..." : "";
        return sentence + (inside.Length == 0 ? "." : $"; there is one in {string.Join(", ", inside.Take(ShownMax))}{more}.");
    }

    static IEnumerable<string> Inside(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.GetDirectories(folder).Where(inner => File.Exists(Path.Combine(inner, RunFolder.LedgerFile)))
                    .Order(StringComparer.Ordinal).Select(inner => $"'{inner}'")]
                : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
