using System.Xml.Linq;
using FedValue.Cli.Experiments;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>The distance under every aggregator of a scenario as a bar with an interval, and that of equal shares as a line across them.</summary>
/// <param name="rows">An aggregator and its distance; null where there is none.</param>
/// <param name="equal">The distance of equal shares.</param>
sealed class DistancePlot(IReadOnlyList<(string Name, SeedStatistics? Distance)> rows, double equal)
{
    public const double Width = 460;

    const double RowHeight = 21, Bar = 9, Left = 172, Right = 16, Top = 20, Bottom = 22;

    /// <summary>So many standard errors to each side.</summary>
    const double Errors = 2;

    const int NameLength = 26;

    /// <summary>One aggregator far away would press all others together: the axis ends before it, and its number stands there.</summary>
    const double OfMedian = 4;

    readonly Extent _extent = Extent.WithZero([equal, .. Reach(rows, equal)]);

    public double Height => Top + RowHeight * rows.Count + Bottom;

    public XElement Draw(string scenario)
    {
        string title = $"Distance of the shares from the data sizes, {scenario}";
        return Svg.Scaled("svg.distances", Width, Height, title, "Bars are means over the seeds, whiskers two standard errors.",
            Axis(), rows.Select(Row), Equal());
    }

    IEnumerable<XElement> Axis()
    {
        foreach ((double value, string text) in _extent.Ticks(4))
        {
            yield return Svg.Line(value == 0 ? "zero" : "grid", X(value), Top - 4, X(value), Height - Bottom);
            yield return Svg.Text("tick.mid", Svg.Unit(X(value)), Height - 8, text);
        }
    }

    XElement Row((string Name, SeedStatistics? Distance) row, int place)
    {
        double middle = Top + RowHeight * (place + 0.5);
        XElement name = Svg.Text("name.last", Svg.Unit(Left - 8), middle + 4, Figures.Short(row.Name, NameLength));
        if (row.Distance is not { } distance)
            return Tag("g", name, Svg.Text("tick.first", Svg.Unit(Left + 4), middle + 4, "no shares"));
        bool isCut = distance.Mean > _extent.High;
        double end = Math.Min(distance.Mean, _extent.High), reach = Math.Min(High(distance), _extent.High);
        double low = X(Math.Clamp(distance.Mean - Errors * (distance.Error ?? 0), 0, _extent.High)), high = X(reach);
        return Tag("g", Svg.Title($"{row.Name}: {Figures.Fixed(distance.Mean, 4)}"), name,
            Svg.Rect(distance.Mean > equal ? "amount.worse" : "amount", Svg.Unit(Left), middle - Bar / 2, Svg.Unit(X(end) - Left), Bar),
            isCut ? Svg.Text("cut.last", Svg.Unit(X(end) - 4), middle + 4, $"{Figures.Fixed(distance.Mean, 2)} ›")
            : distance.Error is null ? null : Svg.Path("whisker",
                $"M{Svg.Unit(low)} {Svg.Unit(middle)}H{Svg.Unit(high)}M{Svg.Unit(low)} {Svg.Unit(middle - 3)}v6"
                + (High(distance) > _extent.High ? "" : $"M{Svg.Unit(high)} {Svg.Unit(middle - 3)}v6")));
    }

    IEnumerable<XElement> Equal()
    {
        yield return Svg.Line("equal", X(equal), Top - 6, X(equal), Height - Bottom);
        bool leftSide = _extent.Place(equal) > 0.5;
        yield return Svg.Text(
            leftSide ? "mark.last" : "mark.first", Svg.Unit(X(equal) + (leftSide ? -4 : 4)), Top - 8,
            $"equal shares {Figures.Fixed(equal, 4)}");
    }

    double X(double value) => Left + _extent.Place(value) * (Width - Left - Right);

    static IEnumerable<double> Reach(IReadOnlyList<(string Name, SeedStatistics? Distance)> rows, double equal)
    {
        SeedStatistics[] known = [.. rows.Select(row => row.Distance).OfType<SeedStatistics>()];
        double limit = OfMedian * Math.Max(equal, SeedStatistics.Of(known.Select(d => (double?)d.Mean))?.Median ?? 0);
        return known.Select(High).Select(high => Math.Min(high, limit));
    }

    static double High(SeedStatistics distance) => distance.Mean + Errors * (distance.Error ?? 0);
}
