namespace FedValue.Valuation.Specs;

/// <summary>Which known name somebody probably meant.</summary>
public static class NearestName
{
    const int LettersPerSlip = 4;
    const int LettersMin = 3;
    const int LettersMax = 64;

    /// <summary>
    /// <c> (did you mean NAME?)</c> where one name differs in capitals, dashes or underscores only, or in one letter of every four; else nothing.
    /// </summary>
    public static string Hint(string came, IEnumerable<string> known)
    {
        string text = Plain(came);
        string? nearest = known.FirstOrDefault(name => Plain(name) == text && text != "");
        if (nearest is null && text.Length is >= LettersMin and <= LettersMax)
        {
            nearest = known.Where(name => Slips(text, Plain(name)) <= Math.Max(1, text.Length / LettersPerSlip))
                .MinBy(name => Slips(text, Plain(name)));
        }
        return nearest is null ? "" : $" (did you mean {nearest}?)";
    }

    static string Plain(string name) => name.Replace("-", "").Replace("_", "").Trim().ToLowerInvariant();

    /// <summary>Levenshtein's distance: letters added, left out or replaced.</summary>
    static int Slips(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
