using System.Xml.Linq;
using FedValue.Federation.Rounds;
using FedValue.Ledger.Events;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>FedRandom: a strip per member of the pool with a mark in each round that drew it.</summary>
sealed class AggregatorDraws(IReadOnlyList<PaidRoundHistory> rounds, IReadOnlyList<AggregatorTerms> pool)
{
    const double Height = 18, Gap = 0.06;

    public XElement Write() => Tag("div",
        Tag("h3", "Which aggregator was drawn"),
        Scrolling("Aggregator of each round", Tag("table.totals",
            HeaderRow(Column("aggregator"), Column("by round"), Column("drawn", "num")),
            Tag("tbody", pool.Select(Row)),
            Tag("tfoot", Tag("tr.axis", Tag("td"), Tag("td.plot", Axis()), Tag("td"))))));

    XElement Row(AggregatorTerms member)
    {
        int[] drawn = [.. rounds.Where(r => r.Opened.Aggregator == member.Name).Select(r => r.Opened.Round)];
        return Tag("tr",
            RowHead(AggregatorNames.Short(member.Name, pool)),
            Tag("td.plot", Strip(member.Name, drawn)),
            Number($"{Figures.Count(drawn.Length)} of {Figures.Count(rounds.Count)}"));
    }

    XElement Strip(string name, int[] drawn)
    {
        double step = 1.0 / rounds.Count;
        return Svg.Stretching("svg.strip", Height, name + (drawn.Length == 0 ? ": never" : ": rounds " + string.Join(", ", drawn)),
            Enumerable.Range(1, rounds.Count).Select(round => Svg.Rect(drawn.Contains(round) ? "drawn" : "idle",
                Svg.Percent((round - 1 + Gap) * step), 2, Svg.Percent((1 - 2 * Gap) * step), Height - 4,
                Svg.Title($"round {Figures.Count(round)}"))));
    }

    XElement Axis() => Svg.Stretching("svg.strip", 16, null, Extent.Rounds(1, rounds.Count, 10).Select(round =>
        Svg.Text("tick.mid", Svg.Percent((round - 0.5) / rounds.Count), 12, Figures.Count(round))));
}
