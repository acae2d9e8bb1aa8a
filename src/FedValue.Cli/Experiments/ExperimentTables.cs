using System.Text;
using FedValue.Cli.Reporting;
using FedValue.Valuation.Methods;

namespace FedValue.Cli.Experiments;

/// <summary>A table for readers: rounded, where the CSV files are exact.</summary>
/// <param name="Title">What its numbers are.</param>
/// <param name="Columns">Their heads; the first is that of the rows' heads.</param>
/// <param name="Rows">As many cells as columns.</param>
/// <param name="TextColumns">How many columns hold words; the others hold numbers.</param>
sealed record ExperimentTable(
    string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int TextColumns = 1)
{
    /// <summary>In Markdown, so that it can be put beside others.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        Line(text, Columns);
        Line(text, [.. Columns.Select((_, i) => i < TextColumns ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in Rows)
            Line(text, row);
        return text.ToString();
    }

    static void Line(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ")
        .AppendJoin(" | ", cells.Select(cell => cell.Replace('\u00A0', ' ').Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}

/// <summary>Which tables an experiment has.</summary>
static class ExperimentTables
{
    /// <summary>The one method whose high values are no praise.</summary>
    const string HardnessName = "hardness";

    public static IEnumerable<ExperimentTable> Of(ExperimentSummary summary) =>
        summary.Experiment.Methods.SelectMany(method => OfMethod(summary, method));

    /// <summary>Wall seconds, which no two runs have in common: for the report alone.</summary>
    public static ExperimentTable Times(ExperimentSummary summary)
    {
        Experiment experiment = summary.Experiment;
        IEnumerable<IReadOnlyList<string>> Rows(int aggregator)
        {
            CellResult[] cells = [.. summary.Results.Where(result => result.Cell.Aggregator == aggregator && result.Values is not null)];
            IReadOnlyList<string> Row(string what, Func<CellResult, double?> seconds)
            {
                double?[] known = [.. cells.Select(seconds)];
                SeedStatistics? time = SeedStatistics.Of(known);
                return
                [
                    experiment.Aggregators[aggregator].Name, what, Figures.Count(time?.Count ?? 0),
                    time is null ? Figures.None : Seconds(time.Median), time is null ? Figures.None : Seconds(known.Sum() ?? 0),
                ];
            }
            return
            [
                .. experiment.Methods.Select(method =>
                    Row(method, cell => cell.MethodSeconds.TryGetValue(method, out double seconds) ? seconds : null)),
                Row("whole simulation", cell => cell.Seconds),
            ];
        }
        return new ExperimentTable("Seconds per simulation, by method and aggregator", ["aggregator", "of", "simulations", "median", "total"],
            [.. Enumerable.Range(0, experiment.Aggregators.Count).SelectMany(Rows)], TextColumns: 2);
    }

    static string Seconds(double seconds) => Figures.Seconds(TimeSpan.FromSeconds(seconds));

    static IEnumerable<ExperimentTable> OfMethod(ExperimentSummary summary, string method)
    {
        Experiment experiment = summary.Experiment;
        if (experiment.Truth == Truth.Sizes)
        {
            yield return Grid(summary, method, $"Squared Euclidean distance x 100 of the shares by {method} from the data sizes, ± standard error",
                a => Hundred(a.Squared), Equal(summary, e => Hundred(e.Squared)), Expected(summary));
            yield return Grid(summary, method, $"Largest difference of a share by {method} from the data size in percent, ± standard error",
                a => Hundred(a.Chebyshev), Equal(summary, e => Hundred(e.Chebyshev)));
            yield return Grid(summary, method, $"Squared Euclidean distance x 100 of the shares of positive parts by {method}, ± standard error",
                a => Hundred(a.PositiveSquared), Equal(summary, e => Hundred(e.Squared)));
        }
        if (experiment.Groups.Any(g => g.Members.Count > 1))
            yield return Groups(summary, method);
        if (experiment.Methods.Contains(MethodCatalog.ExactName) && method != MethodCatalog.ExactName)
            yield return Grid(summary, method, $"Spearman rank correlation of {method} with exact", a => Two(a.Spearman));
        if (summary.Aggregators.Any(a => a.Auroc is not null))
        {
            string hint = method == HardnessName ? " (high hardness is bad, so 0.00 finds all of them and 1.00 none)" : "";
            yield return Grid(
                summary, method, $"AUROC of {method}: how often a corrupted participant is below an honest one{hint}", a => Two(a.Auroc));
        }
    }

    static ExperimentTable Grid(
        ExperimentSummary summary, string method, string title, Func<AggregatorSummary, string> cell, params IReadOnlyList<string>[] further) => new(
        title,
        ["aggregator", .. summary.Experiment.Scenarios.Select(s => s.Name)],
        [
            .. summary.Experiment.Aggregators.Select(aggregator => (IReadOnlyList<string>)
            [
                aggregator.Name,
                .. summary.Experiment.Scenarios.Select(s => cell(summary.Of(s.Name, method).Single(a => a.Aggregator == aggregator.Name))),
            ]),
            .. further.Where(row => row.Count > 0),
        ]);

    static IReadOnlyList<string> Equal(ExperimentSummary summary, Func<EqualSummary, string> cell) =>
        ["equal shares", .. summary.Equal.Select(cell)];

    static IReadOnlyList<string> Expected(ExperimentSummary summary) => summary.Equal.All(e => e.Expected is null) ? []
        : ["equal shares, as Lemma 1 expects", .. summary.Equal.Select(e => e.Expected is { } d ? Figures.Fixed(100 * d, 2) : Figures.None)];

    static ExperimentTable Groups(ExperimentSummary summary, string method)
    {
        bool withTruth = summary.Experiment.Truth == Truth.Sizes;
        string[] distances = withTruth
            ? ["members' distance", "distance of their mean", "members' largest difference", "largest difference of their mean"] : [];
        return new ExperimentTable(
            $"Groups of aggregators by {method}" + (withTruth ? "; squared distances x 100, differences in percent" : ""),
            ["scenario", "group", "seeds", .. distances, "stability (L1, 0 is best)", "largest difference between members"],
            [
                .. summary.Groups.Where(g => g.Method == method).Select(g => (IReadOnlyList<string>)
                [
                    g.Scenario, g.Group, Figures.Count(g.Seeds),
                    .. withTruth ? [Hundred(g.Squared), Hundred(g.MeanSquared), Hundred(g.Chebyshev), Hundred(g.MeanChebyshev)] : (string[])[],
                    g.Stability is { } stability ? Figures.Fixed(stability.Mean, 3) : Figures.None,
                    g.LargestDifference is { } largest ? Figures.Percent(largest) : Figures.None,
                ]),
            ],
            TextColumns: 2);
    }

    static string Hundred(SeedStatistics? statistics) => statistics is not { } known ? Figures.None
        : Number(100 * known.Mean) + (known.Error is { } error ? " ± " + Number(100 * error) : "");

    static string Number(double number) => Figures.Fixed(number, Math.Abs(number) < 100 ? 2 : 0);

    static string Two(SeedStatistics? statistics) => statistics is { } known ? Figures.Fixed(known.Mean, 2) : Figures.None;
}
