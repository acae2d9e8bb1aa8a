using System.Globalization;

namespace FedValue.Cli.Reporting;

/// <summary>Numbers as a reader sees them: rounded, with a real minus sign; the exact ones stand on the ledger.</summary>
static class Figures
{
    public const string None = "-";
    public const string NoInterval = "no interval";
    public const string Absent = "took no part";

    public static string Count(long number) => Minus(number.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>A count with its noun, as in <c>1 round</c> and <c>2 rounds</c>.</summary>
    public static string Count(long number, string noun) => Count(number) + " " + noun + (number == 1 ? "" : "s");

    public static string Entries(long number) => Count(number) + (number == 1 ? " entry" : " entries");

    public static string Percent(double share) => Fixed(100 * share, 1) + "\u00A0%";

    /// <summary>A part of a whole; a dash where the whole is nothing.</summary>
    public static string Share(long part, long whole) => whole == 0 ? None : Percent((double)part / whole);

    /// <summary>So many decimals; zero has no sign, not even when it was rounded to zero.</summary>
    public static string Fixed(double number, int decimals)
    {
        string text = number.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAnyExcept("-0.,") ? Minus(text) : text.TrimStart('-');
    }

    public static string Seconds(TimeSpan time) =>
        time.TotalSeconds is > 0 and < 0.001 ? "< 0.001" : Fixed(time.TotalSeconds, time.TotalSeconds < 100 ? 3 : 0);

    /// <summary>Names in a sentence, the last after <c>and</c> or another word; of more than six, five and how many others.</summary>
    public static string Names(IReadOnlyList<string> names, string word = "and") => names.Count switch
    {
        0 => "nobody",
        1 => names[0],
        <= 6 => $"{string.Join(", ", names.Take(names.Count - 1))} {word} {names[^1]}",
        _ => $"{string.Join(", ", names.Take(5))} {word} {Count(names.Count - 5)} others",
    };

    /// <summary>A name that has to fit beside a line.</summary>
    public static string Short(string name, int length) => name.Length <= length ? name : name[..(length - 1)] + "…";

    public static string Minus(string text) => text.Replace('-', '−');
}
