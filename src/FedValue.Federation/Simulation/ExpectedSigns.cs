using FedValue.Valuation.Methods;

namespace FedValue.Federation.Simulation;

/// <summary>
/// How an attacker's value (summed over rounds and its identities) stands to those of the honest participants; of several that hold, the table
/// has the first.
/// </summary>
public enum ExpectedSign
{
    /// <summary>Below 0, and below every honest one.</summary>
    Negative,

    /// <summary>Exactly 0.</summary>
    Zero,

    /// <summary>Below every honest one; its sign is not claimed.</summary>
    Lowest,

    /// <summary>Above every honest one: the attack pays.</summary>
    Highest,

    /// <summary>
    /// From 0.7 to 1.55 times the honest mean: the method does not see the attack. Without one, each of the 80 exact values of the scenario
    /// <c>attack:none</c> is 0.72 to 1.54 times the mean of the other four: so much is the luck of the rows.
    /// </summary>
    Alike,

    /// <summary>Above 0; where it stands among the honest ones differed between seeds.</summary>
    Positive,

    /// <summary>Nothing is claimed: even the side of 0, or what is below 0, differed between seeds.</summary>
    Open,
}

/// <summary>
/// What methods say about the scenarios in which one participant does one thing or nothing (the families <c>attack</c> and <c>mplc</c>):
/// measured on the digits, softmax regression and FedAvg, three rounds, seeds 1 to 16; all of them agreed. It holds for these scenarios, not
/// for every attack of the kind.
/// </summary>
public static class ExpectedSigns
{
    /// <summary>How many rounds it was measured for.</summary>
    public const int Rounds = 3;

    /// <summary>The seeds it was measured with are 1 to this.</summary>
    public const int Seeds = 16;

    /// <summary>The methods of the columns: those of a run that names none, but for permutation, which estimates exact.</summary>
    public static IReadOnlyList<string> Methods { get; } =
        [.. MethodCatalog.Defaults.Select(method => method.Info.Name).Where(name => name != MethodCatalog.PermutationName)];

    /// <summary>One row per scenario, one sign per method.</summary>
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
        ExpectedSign.Alike => honest.Average() > 0 && attacker / honest.Average() is >= 0.7 and <= 1.55,
        ExpectedSign.Highest => attacker > honest.Max(),
        ExpectedSign.Positive => attacker > 0,
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
        ExpectedSign.Positive => "positive",
        _ => "",
    };

    static string[] Rows() =>
    [
        "attack:none alike positive - alike alike positive alike alike alike alike",
        "attack:label-flip negative negative negative lowest lowest - negative lowest lowest lowest",
        "attack:label-permutation negative negative negative lowest lowest negative negative negative negative negative",
        "attack:label-shift negative negative negative negative negative negative negative negative negative negative",
        "attack:label-random negative negative negative lowest lowest negative negative lowest negative lowest",
        "attack:feature-noise positive positive - alike lowest lowest positive lowest lowest lowest",
        "attack:duplicate-of alike alike - alike alike positive alike alike alike alike",
        "attack:redundancy negative negative negative lowest lowest negative negative negative negative negative",
        "attack:backdoor lowest negative negative lowest lowest negative lowest lowest lowest lowest",
        "attack:free-rider negative negative negative 0 0 - negative lowest lowest lowest",
        "attack:free-rider-random negative negative negative lowest lowest negative negative negative negative negative",
        "attack:free-rider-stale negative negative negative negative negative negative negative negative negative negative",
        "attack:free-rider-delta lowest negative negative lowest lowest positive lowest lowest lowest lowest",
        "attack:free-rider-copy alike alike - alike alike positive alike alike alike alike",
        "attack:free-rider-replay highest highest highest highest alike positive highest alike alike alike",
        "attack:sybil-split lowest negative negative lowest highest positive lowest highest highest highest",
        "attack:inflate-examples positive positive - highest alike positive alike alike alike alike",
        "attack:inflate-loss alike positive - alike alike positive alike alike alike alike",
        "attack:sign-flip negative negative negative negative negative negative negative negative negative negative",
        "attack:model-replacement highest highest highest highest alike positive highest negative lowest lowest",
        "mplc:not-corrupted lowest lowest negative lowest alike positive lowest alike alike alike",
        "mplc:permutation negative negative negative negative negative negative negative lowest negative lowest",
        "mplc:permutation-circular negative negative negative negative negative negative negative lowest negative negative",
        "mplc:random negative negative negative lowest negative negative negative lowest negative lowest",
        "mplc:random-uniform negative negative negative negative negative negative negative lowest negative lowest",
        "mplc:redundancy lowest negative negative lowest lowest negative negative lowest lowest lowest",
        "mplc:duplication lowest lowest - lowest alike positive lowest alike alike alike",
    ];

    static (string, IReadOnlyList<ExpectedSign>) Row(string line)
    {
        string[] words = line.Split(' ');
        return (words[0], [.. words.Skip(1).Select(word => Enum.GetValues<ExpectedSign>().Single(
            sign => (Word(sign) is "" ? "-" : Word(sign)) == word))]);
    }
}
