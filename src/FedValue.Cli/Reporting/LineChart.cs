using System.Xml.Linq;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Whose line it is.</param>
/// <param name="Style">Its class in the style sheet.</param>
/// <param name="Points">Rounds and numbers.</param>
/// <param name="Label">What stands at its end; null for a line in the background.</param>
sealed record ChartLine(string Name, string Style, IReadOnlyList<(int Round, double Value)> Points, string? Label);

/// <summary>Lines over rounds with their names at their ends, so that no legend has to be looked up.</summary>
/// <param name="width">In user units, as the height.</param>
/// <param name="height">See there.</param>
/// <param name="unit">What follows the numbers of the axis.</param>
/// <param name="text">How the number of a point is written.</param>
/// <param name="lines">At least one, each with a point.</param>
sealed class LineChart(double width, double height, string unit, Func<double, string> text, IReadOnlyList<ChartLine> lines)
{
    const double Top = 12, Bottom = 26;
    const double LabelHeight = 15;
    const int DotsMax = 30;

    /// <summary>Widths of a character, a little generous: a drawing cannot measure its text.</summary>
    const double DigitWidth = 6.8, LabelDigitWidth = 7.4;

    readonly Extent _numbers = Extent.WithZero(lines.SelectMany(line => line.Points.Select(p => p.Value)));
    readonly int _first = lines.Min(line => line.Points[0].Round), _last = lines.Max(line => line.Points[^1].Round);
    readonly double _right = width - 24 - LabelDigitWidth * lines.Max(line => line.Label?.Length ?? 0);

    IReadOnlyList<(double Value, string Text)> Ticks => [.. _numbers.Ticks(5).Select(tick => (tick.Value, tick.Text + unit))];

    double Left => Math.Max(40, 12 + DigitWidth * Ticks.Select(tick => tick.Text.Length).DefaultIfEmpty(0).Max());

    public XElement Draw(string title, string description) => Svg.Scaled("svg.chart", width, height, title, description,
        Grid(),
        lines.OrderBy(line => line.Label is not null).Select(Line), // what is drawn last lies on top
        Labels([.. lines.Where(line => line.Label is not null)]));

    IEnumerable<XElement> Grid()
    {
        foreach ((double value, string number) in Ticks)
        {
            yield return Svg.Line(value == 0 ? "zero" : "grid", Left, Y(value), _right, Y(value));
            yield return Svg.Text("tick.last", Svg.Unit(Left - 6), Y(value) + 4, number);
        }
        yield return Svg.Text("tick.last", Svg.Unit(Left - 6), height - 8, "round");
        foreach (int round in Extent.Rounds(_first, _last, 8))
            yield return Svg.Text("tick.mid", Svg.Unit(X(round)), height - 8, Figures.Count(round));
    }

    XElement Line(ChartLine line) => Tag("g." + line.Style,
        Svg.Title($"{line.Name}: {text(line.Points[^1].Value)} after round {Figures.Count(line.Points[^1].Round)}"),
        Svg.Path("line", Svg.Through(line.Points.Select(p => (X(p.Round), Y(p.Value))))),
        line.Label is null || line.Points.Count > DotsMax ? null : line.Points.Select(p => Svg.Circle(
            "spot", Svg.Unit(X(p.Round)), Y(p.Value), 2.5, Svg.Title($"{line.Name}, round {Figures.Count(p.Round)}: {text(p.Value)}"))));

    /// <summary>Each label beside the end of its line; where ends lie close, labels make room and a thin lead joins the two.</summary>
    IEnumerable<XElement> Labels(IReadOnlyList<ChartLine> lines)
    {
        double[] wanted = [.. lines.Select(line => Y(line.Points[^1].Value))];
        double[] placed = Spread(wanted, LabelHeight, LabelHeight / 2, height - LabelHeight / 2);
        for (int i = 0; i < lines.Count; i++)
        {
            double end = X(lines[i].Points[^1].Round);
            yield return Tag("g." + lines[i].Style,
                Svg.Path("lead", Svg.Through([(end + 4, wanted[i]), (end + 14, placed[i]), (end + 18, placed[i])])),
                Svg.Text("label", Svg.Unit(end + 22), placed[i] + 4, lines[i].Label!));
        }
    }

    /// <summary>
    /// Moves numbers as little as needed so that neighbours are a gap apart and all lie between the limits, which must have room for them.
    /// </summary>
    internal static double[] Spread(IReadOnlyList<double> wanted, double gap, double low, double high)
    {
        int[] order = [.. Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i])];
        var groups = new List<(double Centre, int Count)>();
        foreach (int i in order)
        {
            (double Centre, int Count) group = (Math.Clamp(wanted[i], low, high), 1);
            while (groups.Count > 0 && groups[^1] is var above && group.Centre - above.Centre < gap * (above.Count + group.Count) / 2)
            {
                int count = above.Count + group.Count;
                double centre = (above.Centre * above.Count + group.Centre * group.Count) / count, half = gap * (count - 1) / 2;
                group = (Math.Max(low + half, Math.Min(centre, high - half)), count);
                groups.RemoveAt(groups.Count - 1);
            }
            groups.Add(group);
        }
        var placed = new double[wanted.Count];
        int next = 0;
        foreach ((double centre, int count) in groups)
        {
            for (int k = 0; k < count; k++)
                placed[order[next++]] = centre + (k - (count - 1) / 2.0) * gap;
        }
        return placed;
    }

    double X(int round) => Left + 6 + new Extent(_first, _last).Place(round) * (_right - Left - 12);

    double Y(double value) => height - Bottom - _numbers.Place(value) * (height - Top - Bottom);
}
