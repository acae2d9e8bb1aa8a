using System.Xml.Linq;
using FedValue.Cli.Runs;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>report.html: one file without scripts that loads nothing, for a reader who was not there.</summary>
static class HtmlReport
{
    public static string Write(RunSummary summary)
    {
        var view = new ReportView(summary);
        XElement?[] sections =
        [
            new ParticipantsSection(view).Write(),
            new ValuesSection(view).Write(),
            new PayoutsSection(view).Write(),
            CounterfactualSection.Of(view),
            new MethodsSection(view).Write(),
            new AnomaliesSection(view).Write(),
            new ModelSection(view).Write(),
            ReadingSection.Of(view),
        ];
        return HtmlPage.Write(
            "FedValue: who contributed what", ReportStyle.Sheet + ValuesSection.Style(view),
            Tag("main", HeadSection.Of(view), Contents(sections), sections), Foot(summary));
    }

    static XElement Contents(IEnumerable<XElement?> sections) => Tag("nav", At("aria-label", "Contents"),
        sections.OfType<XElement>().Select(section =>
            Tag("a", At("href", "#" + section.Attribute("id")!.Value), section.Element("h2")!.Value)));

    static XElement Foot(RunSummary summary) => Tag("footer", Tag("p",
        $"Written by FedValue from a ledger of {Figures.Entries(summary.History.Head.Size)}. " +
        "The same numbers, exact: contributions.csv and run.json beside this file."));
}
