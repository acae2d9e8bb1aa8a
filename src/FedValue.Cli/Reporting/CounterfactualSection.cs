using System.Xml.Linq;
using FedValue.Cli.Runs;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>What another aggregator would have said of the same updates: shares by aggregator, drawn and in numbers.</summary>
sealed class CounterfactualSection(ReportView view, CounterfactualSummary pool)
{
    const double Height = 24, Middle = Height / 2, Radius = 3.4;

    /// <summary>Colours that the style sheet has; further aggregators share the last one.</summary>
    const int ColoursMax = 8;

    readonly Extent _extent = Extent.WithZero(
    [
        .. pool.Members.Append(pool.Mean).Append(pool.Equal).SelectMany(member => member.Shares ?? []), .. pool.Sizes,
    ]);

    readonly ValueFormat _format = ValueFormat.For([.. pool.Members.SelectMany(member => member.Values!), .. pool.Total.Values]);

    public static XElement? Of(ReportView view) =>
        view.Summary.Counterfactual is { } pool ? new CounterfactualSection(view, pool).Write() : null;

    XElement Write() => Tag("section", At("id", "counterfactual"),
        Tag("h2", "If another aggregator had valued"),
        Tag("p.finding", Finding()),
        Paragraph($"""
            Every round was valued {Figures.Count(pool.Pool.Count, "time")} from the same updates, each time by what another aggregator would
            have made of every coalition. Training kept its own aggregator. A share is a participant's part of all positive value.
            """, "soft"),
        Drawing(),
        Legend(),
        Foldout("Table: shares and values by aggregator",
            Paragraph("The share, and below it the value summed over the rounds. The spread is the standard deviation of the values over the " +
                "aggregators; the 95 % interval of the mean holds sampling and validation error and no part of the spread.", "soft"),
            Scrolling("Shares and values by aggregator", Numbers())),
        Tag("h3", "How far from the sizes of the data"),
        Paragraph(pool.SizeIsTruth
            ? "Participants of this run differ in the number of their rows only, so the sizes are what there is to find."
            : "Participants of this run also differ in what their rows are worth, so being far from the sizes is not being wrong.", "soft"),
        Scrolling("Distance from the sizes of the data", Distances()));

    string Finding()
    {
        string[] none = [.. pool.Members.Where(member => member.Shares is null).Select(member => Name(member.Name))];
        string left = none.Length == 0 ? "" : $" Left out, because no value is positive there: {Figures.Names(none)}.";
        return (pool.Stability is { } distance
            ? $"Going from one aggregator to another moves {Figures.Percent(distance / 2)} of all shares from some participants to others, " +
                $"on average over pairs (mean L1 distance {Figures.Fixed(distance, 3)})."
            : "Shares under fewer than two aggregators: nothing to compare.") + left;
    }

    XElement Drawing() => Rolling(view.Order.Count, "Shares by aggregator", Tag("table.totals.pool",
        HeaderRow(Column("participant"), Column("share under each aggregator"), Column("mean", "num"), Column("size", "num")),
        Tag("tbody", view.Order.Select(k => Tag("tr",
            RowHead(Tag("span.id", view.Id(k))),
            Tag("td.plot", Row(k)),
            Number(Share(pool.Mean, k)),
            Tag("td.num.soft", Figures.Percent(pool.Sizes[k]))))),
        Tag("tfoot", Tag("tr.axis", Tag("td"), Tag("td.plot", Axis()), Tag("td"), Tag("td")))));

    XElement Row(int k)
    {
        string shares = string.Join(", ", pool.Members.Append(pool.Mean).Select(member => $"{Name(member.Name)} {Share(member, k)}"));
        return Svg.Stretching("svg.dots", Height, $"{view.Id(k)}: {shares}",
            Svg.Line("equal", X(pool.Equal.Shares![k]), "-60", X(pool.Equal.Shares[k]), "84"),
            Svg.Line("size", X(pool.Sizes[k]), Svg.Unit(2), X(pool.Sizes[k]), Svg.Unit(Height - 2)),
            pool.Members.Select((member, m) => member.Shares is not { } known ? null
                : Svg.Circle($"member.{Colour(m)}", X(known[k]), Middle, Radius, Svg.Title($"{Name(member.Name)}: {Share(member, k)}"))),
            pool.Mean.Shares is not { } mean ? null
                : Tag("svg", At("x", X(mean[k])), At("y", Svg.Unit(Middle)), Svg.Path("pool-mean", "M0 -6L6 0L0 6L-6 0Z")));
    }

    XElement Axis() => Svg.Stretching("svg.dots", 18, null, _extent.Ticks(5).Select(tick =>
        Svg.Text(tick.Value == 0 ? "tick.first" : "tick.mid", X(tick.Value), 13, Figures.Fixed(100 * tick.Value, 0) + "\u00A0%")));

    XElement Legend() => Tag("p.legend",
        pool.Members.Select((member, m) => Key(Svg.Circle($"member.{Colour(m)}", "7", 7, Radius), Name(member.Name))),
        Key(Svg.Path("pool-mean", "M7 1L13 7L7 13L1 7Z"), "mean of all"),
        Key(Svg.Line("size", "7", "1", "7", "13"), "share of the rows"),
        Key(Svg.Line("equal", "7", "1", "7", "13"), "the same for everybody"));

    static XElement Key(XElement mark, string meaning) => Tag("span",
        Tag("svg", At("width", "14"), At("height", "14"), At("aria-hidden", "true"), mark), meaning);

    XElement Numbers() => Tag("table.grid",
        HeaderRow(
        [
            Column("participant"), .. pool.Members.Select(member => Column(Name(member.Name), "num")),
            Column("mean", "num"), Column("spread", "num"),
        ]),
        Tag("tbody", view.Order.Select(k => Tag("tr",
            RowHead(view.Id(k)),
            pool.Members.Append(pool.Mean).Select(member =>
                Tag("td.num", Share(member, k), Tag("span.under", _format.Number(member.Values![k])))),
            Number(pool.Total.HasSpread ? _format.Number(pool.Total.MemberDeviations[k]) : Figures.None)))));

    XElement Distances() => Tag("table.distances",
        HeaderRow(Column("shares by"), Column("squared Euclidean distance", "num"), Column("largest difference", "num")),
        Tag("tbody", pool.Members.Append(pool.Mean).Append(pool.Equal).Select(member => Tag("tr",
            RowHead(Name(member.Name)),
            Number(member.SquaredDistance is { } squared ? Figures.Fixed(squared, 4) : Figures.None),
            Number(member.LargestDistance is { } largest ? Figures.Percent(largest) : Figures.None)))));

    string Name(string name) => name == pool.Mean.Name ? "mean of all" : name == pool.Equal.Name ? "equal payout"
        : AggregatorNames.Short(name, pool.Pool);

    static string Share(CounterfactualShares member, int k) => member.Shares is { } shares ? Figures.Percent(shares[k]) : Figures.None;

    static string Colour(int member) => $"s{Math.Min(member + 1, ColoursMax)}";

    string X(double share) => Svg.Percent(_extent.Place(share));
}
