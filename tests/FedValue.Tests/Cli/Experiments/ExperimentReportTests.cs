using System.Xml.Linq;
using FedValue.Cli.Experiments;
using FedValue.Cli.Reporting;
using FedValue.Tests.ArchitectureTests;
using FedValue.Tests.Cli.Reporting;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

public sealed class ExperimentReportTests
{
    [Fact]
    public async Task A_report_has_a_drawing_per_scenario_and_method_and_the_line_of_equal_shares()
    {
        using var folder = new TemporaryFolder();
        ExperimentSummary summary = await TinyExperiment.RunAsync(TinyExperiment.Read(folder), folder["out"]);
        const string doctype = "<!DOCTYPE html>\n";
        string html = ExperimentReport.Write(summary);
        Assert.StartsWith(doctype, html, StringComparison.Ordinal);
        XElement report = XElement.Parse(html[doctype.Length..]);

        Assert.Equal(2 * 2, report.WithClass("distances").Count());
        foreach (XElement drawing in report.WithClass("distances"))
        {
            Assert.Single(drawing.WithClass("equal"));
            Assert.Equal(2, drawing.WithClass("amount").Count());
        }
        XElement policy = report.Descendants("meta").Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy");
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'", (string?)policy.Attribute("content"));
        Assert.DoesNotContain(report.Descendants(), e => e.Name.LocalName is "script" or "link" or "img" or "iframe");
        Assert.Contains(report.Descendants("th"), th => th.Value == "flower's \"m\"");
    }

    [Fact]
    public async Task A_report_ends_with_the_seconds_of_every_method_and_aggregator_which_stand_nowhere_else()
    {
        using var folder = new TemporaryFolder();
        ExperimentSummary summary = await TinyExperiment.RunAsync(TinyExperiment.Read(folder), folder["out"]);
        Assert.Equal(1, TinyExperiment.Times().Count(ExperimentReport.Write(summary)));
        double[] seconds = [1, 2, 6, 9]; // of the four simulations of an aggregator
        ExperimentSummary Timed(double factor) => new(summary.Experiment, summary.Results.GroupBy(r => r.Cell.Aggregator)
            .SelectMany(of => of.Select((r, i) => r with
            {
                Seconds = 100 * factor * seconds[i],
                MethodSeconds = new Dictionary<string, double> { ["exact"] = factor * seconds[i], ["cosine"] = 0 },
            })).ToDictionary(r => r.Cell));

        ExperimentTable table = ExperimentTables.Times(Timed(1));
        Assert.Equal(["aggregator", "of", "simulations", "median", "total"], table.Columns);
        Assert.Equal(2 * 3, table.Rows.Count);
        Assert.Equal(["fedavg", "exact", "4", "4.000", "18.000"], table.Rows[0]);
        Assert.Equal(["fedavg", "whole simulation", "4", "400", "1,800"], table.Rows[2]);

        string one = ExperimentReport.Write(Timed(1)), two = ExperimentReport.Write(Timed(2));
        Assert.NotEqual(one, two);
        Assert.Equal(TinyExperiment.Times().Replace(one, ""), TinyExperiment.Times().Replace(two, ""));
        Assert.Equal(ExperimentFolder.Tables(Timed(1)), ExperimentFolder.Tables(Timed(2)));
        Assert.Equal(ExperimentCsv.Summary(Timed(1)), ExperimentCsv.Summary(Timed(2)));
    }

    [Fact]
    public async Task Without_a_truth_there_are_tables_but_no_distances()
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(
            folder, TinyExperiment.Json.Replace("\"truth\": \"sizes\"", "\"truth\": \"none\"", StringComparison.Ordinal));
        ExperimentSummary summary = await TinyExperiment.RunAsync(experiment with { Seeds = [1] }, folder["out"]);
        Assert.DoesNotContain("svg class", ExperimentReport.Write(summary), StringComparison.Ordinal);
        Assert.Equal(["Groups of aggregators by exact", "Groups of aggregators by cosine", "Spearman rank correlation of cosine with exact"],
            ExperimentTables.Of(summary).Select(table => table.Title));
    }

    /// <summary>The built-in experiment with one aggregator and seed: Lemma 1 depends on its scenarios alone.</summary>
    [Fact]
    public async Task The_volatility_tables_hold_the_row_of_Lemma_1_that_the_paper_prints()
    {
        const string row = "| equal shares, as Lemma 1 expects | 16.67 | 2.15 | 0.22 | 13.33 | 1.57 | 0.16 |";
        using var folder = new TemporaryFolder();
        Experiment whole = ExperimentFile.Read("volatility"), one = whole with
        {
            Seeds = [1],
            Aggregators = [whole.Aggregators[0]],
            Groups = [new ExperimentGroup("alone", [whole.Aggregators[0].Name])],
            Methods = ["exact"],
        };
        await TinyExperiment.RunAsync(one, folder["out"]);
        Assert.Contains(row, File.ReadAllText(Path.Combine(folder["out"], ExperimentFolder.TablesFile)), StringComparison.Ordinal);
        Assert.Contains(row, Repository.Read("tests/FedValue.Benchmarks/experiments/volatility.md"), StringComparison.Ordinal);
    }
}
