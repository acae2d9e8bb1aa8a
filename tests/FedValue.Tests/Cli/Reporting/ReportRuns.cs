using System.Xml.Linq;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Cli.Reporting;

/// <summary>Real runs in memory, and their reports.</summary>
static class ReportRuns
{
    public const string AllKinds = "exact,permutation,in-run,gradient-shapley";

    /// <summary>Three participants of a small data set for two rounds, with methods of every kind.</summary>
    public static SimulationOptions Small { get; } = new()
    {
        Dataset = "breast-cancer",
        Participants = 3,
        Rounds = 2,
        Methods = AllKinds.Split(','),
        Permutations = 32,
        Threads = 1,
    };

    public static async Task<RunSummary> RunAsync(SimulationOptions options)
    {
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        SimulationPlan plan = SimulationPlan.Prepare(options);
        SimulationOutcome outcome = await new SimulationRunner(plan, ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs, totals: plan.Totals);
        return new RunSummary(plan, outcome, history, await AnomalyScan.RunAsync(history, blobs));
    }

    /// <summary>The report as an XML parser reads it.</summary>
    public static XElement Parse(RunSummary summary)
    {
        const string doctype = "<!DOCTYPE html>\n";
        string html = HtmlReport.Write(summary);
        Assert.StartsWith(doctype, html, StringComparison.Ordinal);
        return XElement.Parse(html[doctype.Length..], LoadOptions.PreserveWhitespace);
    }

    public static async Task<XElement> ReportAsync(SimulationOptions options) => Parse(await RunAsync(options));

    public static IEnumerable<XElement> WithClass(this XElement element, string name) =>
        element.Descendants().Where(e => ((string?)e.Attribute("class") ?? "").Split(' ').Contains(name));

    public static XElement Section(this XElement report, string id) =>
        report.Descendants("section").Single(section => (string?)section.Attribute("id") == id);

    /// <summary>The table of participants.</summary>
    public static XElement People(this XElement report) => report.Section("participants").WithClass("people").Single();

    /// <summary>What is shown of a method in the section of values.</summary>
    public static XElement PanelOf(this XElement report, RunSummary summary, string method)
    {
        int place = summary.Methods.TakeWhile(m => m.Info.Name != method).Count();
        return report.Descendants("div").Single(div => (string?)div.Attribute("id") == $"p{place}");
    }
}
