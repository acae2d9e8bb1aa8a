using System.Xml.Linq;

namespace FedValue.Cli.Reporting;

/// <summary>One participant's values over the rounds with their intervals as a band. A round it missed is a gap.</summary>
/// <param name="extent">The scale of values.</param>
/// <param name="format">How they are written.</param>
/// <param name="rounds">How many rounds there were.</param>
/// <param name="dots">Whether every round has a dot that says its value; without, only a round between two gaps has one.</param>
sealed class RoundPanel(Extent extent, ValueFormat format, int rounds, bool dots)
{
    const double Width = 250, Height = 140, Right = 6, Top = 6, Bottom = 20;

    /// <summary>Width of a character in the axis' font, a little generous.</summary>
    const double DigitWidth = 6.4;

    readonly IReadOnlyList<(double Value, string Text)> _ticks = extent.Ticks(4);
    readonly Extent _axis = new(1, rounds);

    double Left => Math.Max(30, 8 + DigitWidth * _ticks.Select(tick => tick.Text.Length).DefaultIfEmpty(0).Max());

    public XElement Draw(string participant, RoundValue?[] values)
    {
        IReadOnlyList<(int Round, RoundValue Value)[]> stretches = Stretches(values);
        return Svg.Scaled("svg.course", Width, Height, participant, Describe(values),
            Grid(),
            Stretches([.. values.Select(value => value?.Interval is null ? null : value)]).Select(Band),
            stretches.Where(s => s.Length > 1).Select(s => Svg.Path("trace", Svg.Through(s.Select(p => (X(p.Round), Y(p.Value.Value)))))),
            stretches.SelectMany(s => s).Where(p => dots || IsAlone(values, p.Round)).Select(Dot),
            Attendance(values));
    }

    /// <summary>Runs of rounds without a gap.</summary>
    static List<(int Round, RoundValue Value)[]> Stretches(RoundValue?[] values)
    {
        var stretches = new List<(int, RoundValue)[]>();
        var current = new List<(int, RoundValue)>();
        for (int r = 0; r <= values.Length; r++)
        {
            if (r < values.Length && values[r] is { } value)
            {
                current.Add((r + 1, value));
            }
            else if (current.Count > 0)
            {
                stretches.Add([.. current]);
                current.Clear();
            }
        }
        return stretches;
    }

    IEnumerable<XElement> Grid()
    {
        foreach ((double value, string text) in _ticks)
        {
            yield return Svg.Line(value == 0 ? "zero" : "grid", Left, Y(value), Width - Right, Y(value));
            yield return Svg.Text("tick.last", Svg.Unit(Left - 5), Y(value) + 3.5, text);
        }
        foreach (int round in Extent.Rounds(1, rounds, 4))
            yield return Svg.Text("tick.mid", Svg.Unit(X(round)), Height - 3, Figures.Count(round));
    }

    /// <summary>The intervals of a stretch that has them; one round has no width, so its interval is a whisker.</summary>
    XElement Band((int Round, RoundValue Value)[] stretch)
    {
        (double low, double high) = stretch[0].Value.Interval!.Value;
        if (stretch.Length == 1)
            return Svg.Line("whisker", X(stretch[0].Round), Y(low), X(stretch[0].Round), Y(high));
        IEnumerable<(double, double)> upper = stretch.Select(p => (X(p.Round), Y(p.Value.Interval!.Value.High)));
        IEnumerable<(double, double)> lower = stretch.Reverse().Select(p => (X(p.Round), Y(p.Value.Interval!.Value.Low)));
        return Svg.Path("band", Svg.Through([.. upper, .. lower]) + "Z");
    }

    XElement Dot((int Round, RoundValue Value) point) => Svg.Circle(
        point.Value.Interval is null ? "point.open" : "point", Svg.Unit(X(point.Round)), Y(point.Value.Value), 2,
        Svg.Title($"round {Figures.Count(point.Round)}: {format.WithInterval(point.Value)}"));

    /// <summary>Where somebody was absent, ticks under the axis say for which rounds there is something to see.</summary>
    IEnumerable<XElement> Attendance(RoundValue?[] values) => values.All(v => v is not null) ? [] :
        Enumerable.Range(1, rounds).Where(round => values[round - 1] is not null)
            .Select(round => Svg.Line("present", X(round), Height - Bottom + 1, X(round), Height - Bottom + 5));

    string Describe(RoundValue?[] values)
    {
        List<double> known = [.. values.OfType<RoundValue>().Select(v => v.Value)];
        return known.Count == 0 ? "Took part in no round."
            : $"Values in {Figures.Count(known.Count)} of {Figures.Count(rounds, "round")}, " +
              $"from {format.Number(known.Min())} to {format.Number(known.Max())}.";
    }

    static bool IsAlone(RoundValue?[] values, int round) =>
        (round == 1 || values[round - 2] is null) && (round == values.Length || values[round] is null);

    double X(int round) => Left + 4 + _axis.Place(round) * (Width - Left - Right - 8);

    double Y(double value) => Height - Bottom - extent.Place(value) * (Height - Top - Bottom);
}
