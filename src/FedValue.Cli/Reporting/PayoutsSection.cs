using System.Xml.Linq;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>What everybody has earned after each round.</summary>
sealed class PayoutsSection(ReportView view)
{
    /// <summary>More names than this would not fit beside their lines.</summary>
    const int NamedMax = 8;

    readonly long[][] _cumulative = [.. Enumerable.Range(0, view.Order.Count).Select(k => Cumulate(view.Payouts(k).Select(p => p ?? 0)))];
    readonly long[] _unallocated = Cumulate(view.History.Rounds.Select(round => round.Payouts.Unallocated));

    public XElement Write()
    {
        int[] named = [.. view.Order.OrderByDescending(view.Balance).ThenBy(k => k).Take(NamedMax)];
        ChartLine[] lines =
        [
            .. view.Order.Where(k => !named.Contains(k)).Select(k => Line(view.Id(k), "back", _cumulative[k], null)),
            .. named.Select((k, i) => Line(view.Id(k), $"s{i + 1}", _cumulative[k], Label(view.Id(k), view.Balance(k)))),
            .. view.History.State.Unallocated == 0 ? [] : new[]
            {
                Line("unallocated", "unallocated", _unallocated, Label("unallocated", view.History.State.Unallocated)),
            },
        ];
        var chart = new LineChart(960, 360, "", value => Figures.Count((long)value), lines);
        return Tag("section", At("id", "payouts"),
            Tag("h2", "Payouts"),
            Tag("p", Rule()),
            Paragraph("Earned so far, in minor units, after each round." + (named.Length < view.Order.Count
                ? $" Named are the {named.Length} who earned most, thin the other {view.Order.Count - named.Length}; the table has all."
                : ""), "soft"),
            Scrolling("Cumulative payouts", chart.Draw("Cumulative payouts", Describe())),
            Table());
    }

    string Rule()
    {
        string budget = $"Each round divides {Figures.Count(view.Payment.Budget)} minor units ";
        string nobody = view.Payment.IfNonePositive == "equal" ? "everybody gets the same" : "the budget stays unallocated";
        return view.Payment.Policy switch
        {
            "equal" => budget + "equally among those who took part.",
            "by-size" => budget + "in proportion to the examples that participants claim.",
            _ => budget + $"in proportion to the positive values of {view.Lead?.Info.Title}; where none is positive, {nobody}.",
        };
    }

    string Describe() => $"After {Figures.Count(view.Rounds, "round")}: " +
        string.Join(", ", view.Order.Take(NamedMax).Select(k => $"{view.Id(k)} {Figures.Count(view.Balance(k))}")) +
        (view.Order.Count > NamedMax ? ", and others in the table." : ".");

    static string Label(string name, long amount) => $"{Figures.Short(name, 22)}  {Figures.Count(amount)}";

    /// <summary>From nothing before the first round where there is only one.</summary>
    ChartLine Line(string name, string style, long[] amounts, string? label) => new(
        name, style, [.. view.Rounds > 1 ? [] : new[] { (0, 0.0) }, .. amounts.Select((amount, r) => (r + 1, (double)amount))], label);

    XElement Table() => Foldout("Table: payouts per round",
        Paragraph("Earned so far, and below it the payout of the round.", "soft"),
        Scrolling("Payouts per round", Tag("table.grid",
            HeaderRow([Column("participant"), .. Enumerable.Range(1, view.Rounds).Select(r => Column(Figures.Count(r), "num"))]),
            Tag("tbody",
                view.Order.Select(k => Row(view.Id(k), _cumulative[k], view.Payouts(k))),
                Row("unallocated", _unallocated, [.. view.History.Rounds.Select(round => (long?)round.Payouts.Unallocated)])))));

    static XElement Row(string name, long[] cumulative, long?[] ofRound) => Tag("tr",
        RowHead(name),
        cumulative.Zip(ofRound, (sum, one) => Tag("td.num", Figures.Count(sum),
            Tag("span.under", one is { } amount ? "+" + Figures.Count(amount) : "absent"))));

    static long[] Cumulate(IEnumerable<long> amounts)
    {
        long sum = 0;
        return [.. amounts.Select(amount => sum += amount)];
    }
}
