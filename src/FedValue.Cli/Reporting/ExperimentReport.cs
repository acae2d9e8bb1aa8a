using System.Xml.Linq;
using FedValue.Cli.Experiments;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>report.html of an experiment: findings, distances over seeds, groups, tables, and last the times, which no two runs share.</summary>
static class ExperimentReport
{
    const string Style = """
        .panels.plots{grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr))}
        .distances{width:100%;max-width:520px}
        .distances .name{fill:var(--ink)}
        .distances .worse{fill:var(--minus)}
        .distances .equal{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:5 4}
        .distances .mark{fill:var(--ink);font-weight:600}
        .distances .cut{fill:var(--card);font-weight:600}
        .numbers{width:auto;min-width:60%}
        .numbers td{white-space:nowrap}

        """;

    public static string Write(ExperimentSummary summary)
    {
        Experiment experiment = summary.Experiment;
        XElement?[] sections =
            [Findings(summary), .. experiment.Methods.Select(method => Distances(summary, method)), Tables(summary), Reading(experiment),
                Times(summary)];
        return HtmlPage.Write("FedValue experiment: " + experiment.Name, ReportStyle.Sheet + Style,
            Tag("main", Head(summary), sections),
            Tag("footer", Paragraph($"The same numbers, exact: {ExperimentFolder.ValuesFile}, {ExperimentFolder.SummaryFile} and "
                + $"{ExperimentFolder.GroupsFile} beside this file. SHA-256 of the experiment's file: {experiment.Digest}.")));
    }

    static XElement Head(ExperimentSummary summary)
    {
        Experiment experiment = summary.Experiment;
        return Tag("header",
            Tag("p.brand", "FedValue experiment"),
            Tag("h1", experiment.Name),
            experiment.About == "" ? null : Paragraph(experiment.About, "lede"),
            Tag("div.cards",
                Card("Simulations", summary.Results.Count, "scenarios × aggregators × seeds"),
                Card("Scenarios", experiment.Scenarios.Count, $"truth: {experiment.Truth.ToString().ToLowerInvariant()}"),
                Card("Aggregators", experiment.Aggregators.Count, $"methods: {string.Join(", ", experiment.Methods)}"),
                Card("Seeds", experiment.Seeds.Count,
                    $"{experiment.Seeds[0]} to {experiment.Seeds[^1]}; weights of rounds: {Weights(experiment)}")));

        static string Weights(Experiment experiment) =>
            string.Join(", ", experiment.Scenarios.Select(scenario => scenario.Options.RoundWeights).Distinct());
    }

    static XElement Card(string label, int count, string note) =>
        Tag("div.card", Tag("p.label", label), Tag("p.figure", Figures.Count(count)), Tag("p.soft", note));

    static XElement? Findings(ExperimentSummary summary)
    {
        IReadOnlyList<string> findings = ExperimentFindings.Of(summary);
        return findings.Count == 0 ? null : Tag("section.reading", At("id", "findings"),
            Tag("h2", "What the numbers say"), Tag("ul", findings.Select(finding => Tag("li", finding))));
    }

    static XElement? Distances(ExperimentSummary summary, string method) => summary.Experiment.Truth != Truth.Sizes ? null
        : Tag("section", At("id", "distances-" + method.Replace(':', '-').Replace('=', '-')),
            Tag("h2", $"Distance from the data sizes by {method}"),
            Paragraph("Squared Euclidean distance of the shares: bars are means over the seeds, whiskers two standard errors, the broken line is "
                + "paying everybody the same. A bar that reaches beyond the line did worse than that; a number at its end "
                + "stands for a bar that is too long.", "soft"),
            Tag("div.panels.plots", summary.Equal.Select(equal => Tag("figure",
                Tag("figcaption", Tag("span.id", equal.Scenario), Tag("span.sum", Lemma(equal))),
                new DistancePlot([.. summary.Of(equal.Scenario, method).Select(a => (a.Aggregator, a.Squared))], equal.Squared!.Mean)
                    .Draw(equal.Scenario)))));

    static string Lemma(EqualSummary equal) => equal.Expected is { } expected ? $"Lemma 1: {Figures.Fixed(expected, 4)}" : "";

    static XElement Tables(ExperimentSummary summary) => Tag("section", At("id", "tables"), Tag("h2", "Tables"),
        ExperimentTables.Of(summary).SelectMany(table => (XElement[])[Tag("h3", table.Title), Drawn(table)]));

    static XElement Times(ExperimentSummary summary)
    {
        ExperimentTable times = ExperimentTables.Times(summary);
        return Tag("section", At("id", "times"), Tag("h2", times.Title),
            Paragraph("Wall time on the machines that ran the simulations, which may have run side by side and with other work; those that "
                + "diverged are left out. These are the only numbers here that are others when the experiment is run again. "
                + $"One by one they stand in {ExperimentFolder.TimesFile}.", "soft"),
            Drawn(times));
    }

    static XElement Drawn(ExperimentTable table) => Scrolling(table.Title, Tag("table.numbers",
        HeaderRow(table.Columns.Select((column, i) => Column(column, i < table.TextColumns ? "" : "num"))),
        Tag("tbody", table.Rows.Select(row => Tag("tr", RowHead(row[0]),
            row.Skip(1).Select((cell, i) => i + 1 < table.TextColumns ? Tag("td", cell) : Number(cell)))))));

    static XElement Reading(Experiment experiment) => Tag("section.reading", At("id", "reading"), Tag("h2", "How to read this"),
        Tag("ul", Limits(experiment).Select(limit => Tag("li", limit))));

    static IEnumerable<string> Limits(Experiment experiment)
    {
        yield return "A share is a participant's value divided by the sum of all values, so a negative value is a negative share. Where the sum is "
            + "not above zero there are no shares; summary.csv also has distances of the shares of positive parts, which payouts use.";
        if (experiment.Truth == Truth.Sizes)
        {
            yield return "Data sizes are the truth because the experiment says so. They are a stand-in: a participant may hold many rows that teach "
                + "little.";
        }
        yield return "Stability is the mean L1 distance of the share vectors of two members of a group under one seed: 0 where the choice of the "
            + "aggregator does not matter, 2 where everything changes hands between positive shares.";
        yield return "Standard errors are over the seeds of this experiment and know nothing of other data sets or models.";
    }
}
