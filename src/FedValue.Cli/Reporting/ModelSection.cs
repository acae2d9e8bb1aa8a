using System.Xml.Linq;
using FedValue.Federation.Rounds;
using FedValue.Ledger.Events;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>How the model itself fared, and which rule made it in which round.</summary>
sealed class ModelSection(ReportView view)
{
    IReadOnlyList<PaidRoundHistory> Rounds => view.History.Rounds;

    IReadOnlyList<AggregatorTerms> Pool => view.History.Created.Terms.Aggregators;

    IReadOnlyList<double> TestLosses => view.Summary.Outcome.TestLosses;

    IReadOnlyList<double> TestAccuracies => view.Summary.Outcome.TestAccuracies;

    public XElement Write() => Tag("section", At("id", "model"),
        Tag("h2", "Model"),
        Tag("p", Cohorts()),
        Tag("div.pair",
            Chart("Loss", "Mean cross-entropy in nats; lower is better.", "", value => Figures.Fixed(value, 3),
                Rounds.Select(r => r.ValidationLoss), TestLosses),
            Chart("Accuracy", "Share of rows classified correctly; higher is better.", " %", value => Figures.Fixed(value, 1) + " %",
                Rounds.Select(r => 100 * r.ValidationAccuracy), [.. TestAccuracies.Select(a => 100 * a)])),
        Pool.Count > 1 ? new AggregatorDraws(Rounds, Pool).Write() : null,
        Table());

    string Cohorts()
    {
        int fewest = Rounds.Min(r => r.Participants.Count), most = Rounds.Max(r => r.Participants.Count);
        string updates = fewest == most ? Figures.Count(most) : $"{Figures.Count(fewest)} to {Figures.Count(most)}";
        return $"Every round took updates from {updates} of {Figures.Count(view.Order.Count, "participant")}." +
            (Pool.Count > 1 ? "" : $" The server aggregates with {Pool[0].Name}.");
    }

    XElement Chart(
        string title, string meaning, string unit, Func<double, string> text, IEnumerable<double> validation, IReadOnlyList<double> test)
    {
        ChartLine ofValidation = Line("validation", "s1", validation, 1, text);
        ChartLine[] lines = test.Count == 0 ? [ofValidation] : [ofValidation, Line("test", "s2", test, 0, text)];
        string ends = string.Join(", ", lines.Select(line => $"{line.Name} {text(line.Points[0].Value)} to {text(line.Points[^1].Value)}"));
        return Tag("figure",
            Tag("figcaption", Tag("b", title), Tag("span.soft", " " + meaning)),
            new LineChart(470, 280, unit, text, lines).Draw(title + " per round", $"Over {Figures.Count(view.Rounds, "round")}: {ends}."));
    }

    static ChartLine Line(string name, string style, IEnumerable<double> values, int first, Func<double, string> text)
    {
        List<(int, double Value)> points = [.. values.Select((value, r) => (first + r, value))];
        return new ChartLine(name, style, points, $"{name} {text(points[^1].Value)}");
    }

    XElement Table() => Foldout("Table: the model per round", Scrolling("The model per round", Tag("table.grid",
        HeaderRow(
            Column("round"), Column("aggregator"), Column("invited", "num"), Column("updates", "num"), Column("validation loss", "num"),
            Column("validation accuracy", "num"), Column("test loss", "num"), Column("test accuracy", "num")),
        Tag("tbody",
            TestLosses.Count == 0 ? null : Tag("tr", RowHead("before"), Tag("td", At("colspan", "5")), Test(0)),
            Rounds.Select(Row)))));

    XElement Row(PaidRoundHistory round) => Tag("tr",
        RowHead(Figures.Count(round.Opened.Round)),
        Tag("td", AggregatorNames.Short(round.Opened.Aggregator, Pool)),
        Number(Figures.Count(round.Opened.Cohort.Count)),
        Number(Figures.Count(round.Participants.Count)),
        Number(Figures.Fixed(round.ValidationLoss, 4)),
        Number(Figures.Percent(round.ValidationAccuracy)),
        Test(round.Opened.Round));

    /// <summary>The test figures after a round; after round 0 means before the first.</summary>
    XElement[] Test(int round) => TestLosses.Count == 0
        ? [Number(Figures.None), Number(Figures.None)]
        : [Number(Figures.Fixed(TestLosses[round], 4)), Number(Figures.Percent(TestAccuracies[round]))];
}
