using System.Xml.Linq;
using FedValue.Cli.Runs;
using FedValue.Valuation.Methods;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>What the methods are, how far they agree, and what they cost.</summary>
sealed class MethodsSection(ReportView view)
{
    static readonly (Axioms Axiom, string Word)[] Words =
    [
        (Axioms.Efficiency, "efficiency"),
        (Axioms.Symmetry, "symmetry"),
        (Axioms.NullPlayer, "null player"),
        (Axioms.Linearity, "linearity"),
    ];

    IReadOnlyList<MethodSummary> Methods => view.Summary.Methods;

    public XElement? Write() => Methods.Count == 0 ? null : Tag("section", At("id", "methods"),
        Tag("h2", "Agreement of methods"),
        Agreement(),
        Tag("h3", "The methods"),
        Scrolling("Methods", Tag("table.methods",
            HeaderRow(
                Column("method"), Column("game, and what to know about it"), Column("axioms that hold"),
                Column("Spearman with exact", "num"), Column("largest share difference", "num"),
                Column("evaluations", "num"), Column("permutations", "num"), Column("seconds", "num")),
            Tag("tbody", Methods.Select(Row)))),
        Paragraph("""
            Axioms hold for the game that the method states, not for contribution as such. A share is what a proportional payout would
            give; its difference is from exact. Evaluations count the coalition models measured for the method alone; a method that reads
            another one's table has 0.
            """, "soft"),
        Paragraph($"Coalitions of the round's own aggregator were measured by {Paths()}. {PathsInWords}", "soft"));

    const string PathsInWords = "First-layer sums add up what every update does to the model's first layer; rebuilt models are formed whole. "
        + "Aggregator, model and sizes decide which; the two differ by rounding, some 1e-8 of a loss.";

    string Paths() => string.Join(", ", view.Summary.CoalitionPaths.GroupBy(path => path)
        .Select(group => $"{group.Key} in {Figures.Count(group.Count())} of {Figures.Count(view.Rounds, "round")}"));

    public static string Rank(double? spearman) => spearman is { } known ? Figures.Fixed(known, 2) : Figures.None;

    XElement? Agreement() => Methods.Count == 1 ? null
        : view.Order.Count > 1 ? AgreementMap.Of(Methods)
        : Paragraph("Methods agree or differ about an order, and one participant has none.", "soft");

    XElement Row(MethodSummary method) => Tag("tr",
        RowHead(method.Info.Title, Tag("span.under", Tag("code", method.Info.Name))),
        Tag("td.words", method.Info.Game, method.Info.Note == "" ? null : Tag("span.under", method.Info.Note)),
        Tag("td.axioms", InWords(method.Info.Axioms)),
        Number(Rank(method.Spearman)),
        Number(method.ShareDifference is { } difference ? Figures.Percent(difference) : Figures.None),
        Number(Figures.Count(method.Evaluations)),
        Tag("td.num", Figures.Count(method.Permutations), method.StoppedEarly == 0 ? null
            : Tag("span.under", $"maximum reached in {Figures.Count(method.StoppedEarly)} of {Figures.Count(view.Rounds, "round")}")),
        Number(Figures.Seconds(method.Time)));

    static string InWords(Axioms axioms)
    {
        if (axioms == Axioms.All)
            return "all four";
        string[] words = [.. Words.Where(w => axioms.HasFlag(w.Axiom)).Select(w => w.Word)];
        return words.Length == 0 ? "none" : string.Join(", ", words);
    }
}
