using System.Xml.Linq;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Payments;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>What was simulated, its key figures, what to know before trusting them, and where they are anchored.</summary>
static class HeadSection
{
    public static XElement Of(ReportView view) => Tag("header",
        Tag("p.brand", "FedValue simulation"),
        Tag("h1", "Who contributed what"),
        Tag("p.lede", Sentence(view)),
        Warnings(view.Summary.Warnings),
        Tag("div.cards", Cards(view)),
        Ledger(view));

    /// <summary>The whole scenario in one sentence.</summary>
    static object[] Sentence(ReportView view)
    {
        SimulationOptions options = view.Plan.Options;
        int n = view.Plan.Participants.Count;
        return
        [
            Tag("b", Figures.Count(n, "participant")), n == 1 ? " trains " : " train ",
            options.Model.StartsWith("mlp", StringComparison.Ordinal) ? "an " : "a ", Tag("b", options.Model), " model on ",
            Tag("b", Data(options.Dataset!)), ", ", n > 1 ? Division(options.Partition!) + ", " : "", "for ",
            Tag("b", Figures.Count(view.Rounds, "round")),
            view.Plan.CohortSize < n ? $" of {Figures.Count(view.Plan.CohortSize, "participant")} each" : "",
            $"; the server aggregates with {AggregatorNames.InWords(view.History.Created.Terms.Aggregators)} and pays {Payment(view)}",
            $"; seed {options.Seed}.",
        ];
    }

    /// <summary>The data set without folders: who reads the report need not know them.</summary>
    static string Data(string spec) => spec.Split(':', 2) is ["csv", var table]
        ? $"{Path.GetFileName(table.Split(',')[0])}{(table.Split(',', 2) is [_, var columns] ? $" ({columns.Replace(",", ", ")})" : "")}"
        : DatasetLoader.WithoutPath(spec);

    static string Division(string partition) => partition.Split(':') switch
    {
        ["iid"] => "divided evenly at random",
        ["natural"] => "divided as its participant column says",
        ["dirichlet", var a] => $"divided with unequal class mixes (Dirichlet {a})",
        ["size-dirichlet", var a] => $"divided into unequal sizes (Dirichlet {a})",
        ["sizes", var weights] => $"divided into sizes of {weights.Replace("+", " : ", StringComparison.Ordinal)}",
        ["shards", var k] => $"divided into {k} shards of sorted classes each",
        ["classes", var k] => $"divided by class, {k} for everybody",
        ["mixed-classes", var share] => $"divided by class, {share} of two classes for two participants each",
        _ => partition,
    };

    static string Payment(ReportView view) => view.Payment.Policy switch
    {
        PaymentPolicy.Equal => "everybody the same",
        PaymentPolicy.BySize => "in proportion to the claimed examples",
        _ => "by " + view.Lead!.Info.Title,
    };

    static XElement? Warnings(IReadOnlyList<string> warnings) => warnings.Count == 0 ? null :
        Tag("div.warnings", At("role", "note"),
            Tag("h2", $"Know {(warnings.Count == 1 ? "this" : "these")} before you trust a number"),
            Tag("ul", warnings.Select(warning => Tag("li", warning))));

    static IEnumerable<XElement> Cards(ReportView view)
    {
        double[] validation = [.. view.History.Rounds.Select(round => round.ValidationAccuracy)];
        yield return Card("Validation accuracy", Figures.Percent(validation[^1]),
            validation.Length > 1 ? $"{Figures.Percent(validation[0])} after round 1" : "after round 1");
        IReadOnlyList<double> test = view.Summary.Outcome.TestAccuracies;
        yield return test.Count == 0
            ? Card("Test accuracy", Figures.None, "no test rows were set aside")
            : Card("Test accuracy", Figures.Percent(test[^1]),
                $"{Figures.Percent(test[0])} before round 1; valuation never sees these rows");
        yield return Card("Paid out", Figures.Count(view.PaidTotal),
            $"minor units, of {Figures.Count(view.Rounds)} × {Figures.Count(view.Payment.Budget)}");
        yield return Card("Unallocated", Figures.Count(view.History.State.Unallocated),
            $"minor units nobody earned, {Figures.Share(view.History.State.Unallocated, view.BudgetTotal)}");
    }

    static XElement Card(string label, string figure, string note) =>
        Tag("div.card", Tag("p.label", label), Tag("p.figure", figure), Tag("p.soft", note));

    static XElement Ledger(ReportView view)
    {
        string root = view.History.Head.Root.ToString();
        return Tag("div.ledger",
            Tag("p", Tag("b", "Ledger root"), $" over {Figures.Entries(view.History.Head.Size)} ", Tag("code.root", root)),
            Tag("p", Tag("b", "Audit it"), " in the folder of this report, best with a root that you kept elsewhere:"),
            Tag("pre", Tag("code", $"fedvalue audit . --recompute --root {root}")));
    }
}
