using System.Xml.Linq;
using FedValue.Cli.Runs;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>report.html: one file without scripts that loads nothing, for a reader who was not there.</summary>
static class HtmlReport
{
    /// <summary>Even if something slipped through, a browser would neither run nor load it.</summary>
    const string OnlyItself = "default-src 'none'; style-src 'unsafe-inline'";

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
        return HtmlText.Write(Tag("html", At("lang", "en"),
            Tag("head",
                Tag("meta", At("charset", "utf-8")),
                Tag("meta", At("http-equiv", "Content-Security-Policy"), At("content", OnlyItself)),
                Tag("meta", At("name", "viewport"), At("content", "width=device-width, initial-scale=1")),
                Tag("meta", At("name", "color-scheme"), At("content", "light dark")),
                Tag("title", "FedValue: who contributed what"),
                Tag("style", ReportStyle.Sheet + ValuesSection.Style(view))),
            Tag("body", Tag("main", HeadSection.Of(view), Contents(sections), sections), Foot(summary))));
    }

    static XElement Contents(IEnumerable<XElement?> sections) => Tag("nav", At("aria-label", "Contents"),
        sections.OfType<XElement>().Select(section =>
            Tag("a", At("href", "#" + section.Attribute("id")!.Value), section.Element("h2")!.Value)));

    static XElement Foot(RunSummary summary) => Tag("footer", Tag("p",
        $"Written by FedValue from a ledger of {Figures.Count(summary.History.Head.Size)} entries. " +
        "The same numbers, exact: contributions.csv and run.json beside this file."));
}
