namespace FedValue.Federation.Simulation;

/// <summary>How an attacker's value (summed over rounds and its identities) stands to those of the honest participants.</summary>
public enum ExpectedSign
{
    /// <summary>Below 0, and below every honest one.</summary>
    Negative,

    /// <summary>Exactly 0.</summary>
    Zero,

    /// <summary>Below every honest one; its sign is not claimed.</summary>
    Lowest,

    /// <summary>From 0.75 to 1.35 times the honest mean: the method does not see the attack.</summary>
    Alike,

    /// <summary>Above every honest one: the attack pays.</summary>
    Highest,

    /// <summary>Nothing is claimed: it differed between seeds.</summary>
    Open,
}

/// <summary>
/// What methods say about the scenarios of the family <c>attack</c>: measured on the digits, softmax regression and FedAvg, three rounds,
/// seeds 1 to 6; all of them agreed. It holds for these scenarios, not for every attack of the kind.
/// </summary>
public static class ExpectedSigns
{
    /// <summary>How many rounds it was measured for.</summary>
    public const int Rounds = 3;

    /// <summary>The seeds it was measured with are 1 to this.</summary>
    public const int Seeds = 6;

    /// <summary>The methods of the columns.</summary>
    public static IReadOnlyList<string> Methods { get; } = ["exact", "banzhaf", "in-run", "cosine", "gradient-shapley-unit", "gradient-shapley"];

    /// <summary>One row per attack, one sign per method.</summary>
    public static IReadOnlyList<(string Scenario, IReadOnlyList<ExpectedSign> Signs)> Table { get; } = [.. Rows().Select(Row)];

    /// <summary>Whether an attacker's value stands to the honest ones as expected.</summary>
    /// <param name="sign">What is expected.</param>
    /// <param name="attacker">The sum over the attacker's identities.</param>
    /// <param name="honest">The honest participants' values.</param>
    public static bool Holds(ExpectedSign sign, double attacker, IReadOnlyList<double> honest) => sign switch
    {
        ExpectedSign.Negative => attacker < 0 && attacker < honest.Min(),
        ExpectedSign.Zero => attacker == 0,
        ExpectedSign.Lowest => attacker < honest.Min(),
        ExpectedSign.Alike => attacker / honest.Average() is >= 0.75 and <= 1.35,
        ExpectedSign.Highest => attacker > honest.Max(),
        _ => true,
    };

    /// <summary>The table in Markdown, as it stands in src/README.md.</summary>
    public static string Markdown() => string.Join("\n",
    [
        "| scenario | " + string.Join(" | ", Methods) + " |",
        "| --- |" + string.Concat(Methods.Select(_ => " --- |")),
        .. Table.Select(row => $"| {row.Scenario} | " + string.Join(" | ", row.Signs.Select(Word)) + " |"),
    ]);

    static string Word(ExpectedSign sign) => sign switch
    {
        ExpectedSign.Negative => "negative",
        ExpectedSign.Zero => "0",
        ExpectedSign.Lowest => "lowest",
        ExpectedSign.Alike => "alike",
        ExpectedSign.Highest => "highest",
        _ => "",
    };

    static string[] Rows() =>
    [
        "attack:label-flip negative negative lowest lowest negative lowest",
        "attack:label-shift negative negative negative negative negative negative",
        "attack:label-random negative negative lowest lowest negative lowest",
        "attack:feature-noise alike - alike lowest lowest lowest",
        "attack:duplicate-of alike alike alike alike alike alike",
        "attack:redundancy negative negative lowest lowest negative negative",
        "attack:backdoor negative negative lowest lowest negative lowest",
        "attack:free-rider negative negative 0 0 negative lowest",
        "attack:free-rider-random negative negative lowest lowest negative negative",
        "attack:free-rider-stale negative negative negative negative negative negative",
        "attack:free-rider-delta lowest negative lowest lowest lowest lowest",
        "attack:free-rider-copy alike alike alike alike alike alike",
        "attack:free-rider-replay highest highest highest alike alike lowest",
        "attack:sybil-split lowest negative lowest highest highest highest",
        "attack:inflate-examples alike - highest alike alike alike",
        "attack:inflate-loss alike - alike alike alike alike",
        "attack:sign-flip negative negative negative negative negative negative",
        "attack:model-replacement highest highest highest alike alike negative",
    ];

    static (string, IReadOnlyList<ExpectedSign>) Row(string line)
    {
        string[] words = line.Split(' ');
        return (words[0], [.. words.Skip(1).Select(word => Enum.GetValues<ExpectedSign>().Single(
            sign => (Word(sign) is "" ? "-" : Word(sign)) == word))]);
    }
}
