using System.Collections.Frozen;
using FedValue.Valuation.Methods;

namespace FedValue.Federation.Simulation;

/// <summary>
/// What every method, with its default settings, says about the scenarios in which one participant does one thing or nothing (the families
/// <c>attack</c> and <c>mplc</c>): measured on the digits, softmax regression and FedAvg, three rounds, seeds 1 to 16; all of them agreed. It
/// holds for these scenarios, not for every attack of the kind.
/// </summary>
public static class ExpectedSigns
{
    /// <summary>How many rounds it was measured for.</summary>
    public const int Rounds = 3;

    /// <summary>The seeds it was measured with are 1 to this.</summary>
    public const int Seeds = 16;

    /// <summary>The pool of fedrandom-mean, as <see cref="SimulationOptions.Counterfactual"/>; other methods do not see it.</summary>
    public static IReadOnlyList<string> Counterfactual { get; } = ["fedrandom"];

    /// <summary>The scenarios, in the order of the tables.</summary>
    public static IReadOnlyList<string> Scenarios { get; } = [.. ExpectedSignRows.OfDefaults.Select(line => line.Split(' ')[0])];

    /// <summary>The methods of a run that names none, but for permutation, which estimates exact.</summary>
    static readonly string[] Defaults =
        [.. MethodCatalog.Defaults.Select(method => method.Info.Name).Where(name => name != MethodCatalog.PermutationName)];

    static readonly FrozenDictionary<(string Scenario, string Method), ExpectedSign> Signs = All();

    /// <summary>The methods, in the order of the tables.</summary>
    public static IReadOnlyList<string> Methods { get; } =
        [.. Defaults, .. ExpectedSignRows.Alike.Select(alike => alike.Method), .. ExpectedSignRows.Others];

    /// <summary>What a method says about a scenario.</summary>
    /// <param name="scenario">One of <see cref="Scenarios"/>.</param>
    /// <param name="method">One of <see cref="Methods"/>.</param>
    public static ExpectedSign Of(string scenario, string method) => Signs[(scenario, method)];

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

    /// <summary>
    /// The tables in Markdown, as they stand in src/README.md: the default methods, those that say the same but for some scenarios, the others.
    /// </summary>
    public static IReadOnlyList<string> Markdown() => [Columns(Defaults), LikeDefaults(), Columns(ExpectedSignRows.Others)];

    static string Columns(string[] methods) => string.Join("\n",
    [
        "| scenario | " + string.Join(" | ", methods) + " |",
        "| --- |" + string.Concat(methods.Select(_ => " --- |")),
        .. Scenarios.Select(scenario => $"| {scenario} | " + string.Join(" | ", methods.Select(method => Word(Of(scenario, method)))) + " |"),
    ]);

    /// <summary>Methods without a difference share a row.</summary>
    static string LikeDefaults() => string.Join("\n",
    [
        "| method | as | exceptions |",
        "| --- | --- | --- |",
        .. ExpectedSignRows.Alike
            .GroupBy(alike => (alike.As, Except: Exceptions(alike)))
            .Select(same => $"| {string.Join(", ", same.Select(alike => alike.Method))} | {same.Key.As} | {same.Key.Except} |"),
    ]);

    static string Exceptions(AlikeMethod alike) => alike.Except.Length == 0 ? "none"
        : string.Join("; ", alike.Except.Select(except => $"*{Word(except.Sign)}*: {except.Scenarios.Replace(" ", ", ")}"));

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

    static FrozenDictionary<(string, string), ExpectedSign> All()
    {
        var signs = new Dictionary<(string Scenario, string Method), ExpectedSign>();
        Read(ExpectedSignRows.OfDefaults, Defaults);
        Read(ExpectedSignRows.OfOthers, ExpectedSignRows.Others);
        foreach (AlikeMethod alike in ExpectedSignRows.Alike)
        {
            foreach (string scenario in Scenarios)
                signs.Add((scenario, alike.Method), signs[(scenario, alike.As)]);
            foreach ((ExpectedSign sign, string scenarios) in alike.Except)
            {
                foreach (string scenario in scenarios.Split(' '))
                    signs[(scenario, alike.Method)] = sign;
            }
        }
        return signs.ToFrozenDictionary();

        void Read(string[] lines, string[] methods)
        {
            foreach (string[] words in lines.Select(line => line.Split(' ')))
            {
                foreach ((string method, string word) in methods.Zip(words.Skip(1)))
                {
                    signs.Add((words[0], method), Enum.GetValues<ExpectedSign>().Single(
                        sign => (Word(sign) is "" ? "-" : Word(sign)) == word));
                }
            }
        }
    }
}
