using System.Xml.Linq;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Values as dots with whiskers on one common axis, a drawing per table row, so that each stands beside its numbers.</summary>
sealed class IntervalPlot(Extent extent, int ticks)
{
    const double Height = 24, Middle = Height / 2, Cap = 5, Radius = 3.8;

    /// <summary>How far the lines of the axis reach beyond a drawing.</summary>
    const double Beyond = 60;

    readonly IReadOnlyList<(double Value, string Text)> _ticks = extent.Ticks(ticks);

    public static IntervalPlot Of(IEnumerable<RoundValue?> values, int ticks) => new(Extent.Of(values), ticks);

    public XElement Cell(RoundValue? value, string title) => Svg.Stretching("svg.dots", Height, title,
        Grid(),
        value?.Interval is { } interval ? Whisker(interval) : null,
        value is { } known ? Mark(known) : null);

    /// <summary>The numbers of the axis, for a last row.</summary>
    public XElement Axis() => Svg.Stretching("svg.dots", 18, null,
        _ticks.Select(tick => Svg.Text(Anchor(extent.Place(tick.Value)), X(tick.Value), 13, tick.Text)));

    /// <summary>What the marks mean.</summary>
    public static XElement Legend(bool withIntervals) => withIntervals
        ? Tag("p.legend",
            Key(Svg.Circle("dot", "7", 7, Radius), "95 % interval without zero"),
            Key(Svg.Circle("dot.open", "7", 7, Radius), "95 % interval contains zero"),
            Key(Svg.Path("whisker", "M1 7H13M1 4V10M13 4V10"), "95 % interval"))
        : Tag("p.legend", Key(Svg.Path("dot.open", "M7 2L12 7L7 12L2 7Z"), "no interval: nothing is known about the error"));

    static XElement Key(XElement mark, string meaning) => Tag("span",
        Tag("svg", At("width", "14"), At("height", "14"), At("aria-hidden", "true"), mark), meaning);

    /// <summary>Longer than the drawing: the cell, which may be taller, cuts them, so that they run through from row to row.</summary>
    IEnumerable<XElement> Grid() => _ticks.Select(tick => Svg.Line(
        tick.Value == 0 ? "zero" : "grid", X(tick.Value), Svg.Unit(-Beyond), X(tick.Value), Svg.Unit(Height + Beyond)));

    IEnumerable<XElement> Whisker((double Low, double High) interval)
    {
        yield return Svg.Line("whisker", X(interval.Low), Svg.Unit(Middle), X(interval.High), Svg.Unit(Middle));
        foreach (double end in new[] { interval.Low, interval.High })
            yield return Svg.Line("whisker", X(end), Svg.Unit(Middle - Cap), X(end), Svg.Unit(Middle + Cap));
    }

    XElement Mark(RoundValue value)
    {
        string sign = value.Value < 0 ? ".minus" : "";
        if (value.Interval is not { } interval)
        {
            // A path knows no shares of the width; a drawing inside the drawing does.
            return Tag("svg", At("x", X(value.Value)), At("y", Svg.Unit(Middle)),
                Svg.Path("dot.open" + sign, "M0 -4.5L4.5 0L0 4.5L-4.5 0Z"));
        }
        bool containsZero = interval.Low <= 0 && interval.High >= 0;
        return Svg.Circle("dot" + (containsZero ? ".open" : "") + sign, X(value.Value), Middle, Radius);
    }

    string X(double value) => Svg.Percent(extent.Place(value));

    /// <summary>Numbers at the ends of the axis stay inside.</summary>
    static string Anchor(double place) => place < 0.05 ? "tick.first" : place > 0.95 ? "tick.last" : "tick.mid";
}
