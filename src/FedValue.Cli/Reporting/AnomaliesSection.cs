using System.Xml.Linq;
using FedValue.Cli.Runs;
using FedValue.Valuation.Anomalies;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Who behaves unlike an honest participant, and the figures behind it.</summary>
sealed class AnomaliesSection(ReportView view)
{
    readonly Dictionary<string, AnomalyScores> _scores = view.Summary.Anomalies.Scores.ToDictionary(s => s.Participant);

    IReadOnlyList<AnomalyFinding> Findings => view.Summary.Anomalies.Findings;

    public XElement Write() => Tag("section", At("id", "anomalies"),
        Tag("h2", "Anomalies"),
        Findings.Count == 0
            ? Paragraph(AnomalyLimits.NobodyStandsOut(view.Summary.Anomalies))
            : Tag("ul.anomalies", Findings.Select(finding =>
                Tag("li", Tag("b", finding.IsCertain ? "certain: " : "suspicion: "), finding.Sentence))),
        view.Summary.NotLookedFor.Select(sentence => Paragraph(sentence)),
        Rolling(view.Order.Count, "Anomaly scores", Tag("table.anomalies",
            HeaderRow(
                Column("participant"), Column("agreement with the others", "num"), Column("most alike"), Column("their cosine", "num"),
                Column("norm / median", "num"), Column("examples / median", "num"), Column("change to its own earlier update", "num"),
                Column("change to the last step", "num"),
                Column("claimed / measured loss", "num")),
            Tag("tbody", view.Order.Select(k => Row(view.Id(k)))))),
        Paragraph("""
            An anomaly is no verdict and changes no value and no payout: whoever holds rare data may look odd and be worth much, and a copy of
            good data scores well. Agreement is the mean cosine of an update with the sum of all others; norms and claimed examples are compared
            with the round's median; the change is to the nearer of a participant's first and previous update, over that one's norm, and
            to what the server's model moved last. A
            claimed training loss is held against the validation loss of the participant's own model.
            """, "soft"));

    XElement Row(string participant)
    {
        AnomalyScores? s = _scores.GetValueOrDefault(participant);
        return Tag("tr",
            RowHead(participant),
            Number(Two(s?.Agreement)),
            Tag("td", s?.Closest ?? Figures.None),
            Number(Two(s?.Closeness)),
            Number(Two(s?.NormRatio)),
            Number(Two(s?.ExamplesRatio)),
            Number(Two(s?.OwnDistance)),
            Number(Two(s?.StepDistance)),
            Number(Two(s?.LossRatio)));
    }

    static string Two(double? number) => number is { } known ? Figures.Fixed(known, 2) : Figures.None;
}
