using System.Xml.Linq;
using FedValue.Cli.Experiments;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>distances.svg: the distances by one method in every scenario as a drawing of its own, for a page that shows images.</summary>
static class ExperimentFigure
{
    const int Columns = 3;
    const double Gap = 28, Title = 26;

    const string Style = """
        svg{--plus:#0064b0;--minus:#c24a00;--ink:#1a1d23;--soft:#565e6b;font:11px sans-serif}
        text{fill:var(--soft)}.title{font-size:14px;font-weight:600;fill:var(--ink)}.name,.mark{fill:var(--ink)}.cut{fill:#fff;font-weight:600}
        .mid{text-anchor:middle}.last{text-anchor:end}.grid{stroke:#e8e9e6}.zero{stroke:#8d949f}.amount{fill:var(--plus)}.worse{fill:var(--minus)}
        .whisker{stroke:var(--ink);stroke-width:1.4;fill:none}.equal{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:5 4}
        """;

    public static string Write(ExperimentSummary summary, string method)
    {
        DistancePlot[] plots = [.. summary.Equal.Select(equal => Plot(summary, equal, method))];
        double height = plots[0].Height + Title + Gap / 2, step = DistancePlot.Width + Gap;
        int columns = Math.Min(Columns, plots.Length), rows = (plots.Length + columns - 1) / columns;
        XElement drawing = Svg.Scaled("svg", columns * step, rows * height, $"{summary.Experiment.Name}: distances by {method}",
            "Squared Euclidean distance of shares from data sizes; whiskers are two standard errors, the broken line is equal shares.",
            Tag("style", Style), Tag("rect", At("width", "100%"), At("height", "100%"), At("fill", "#fff")),
            plots.Select((plot, i) => Panel(plot, summary.Equal[i].Scenario, i % columns * step, i / columns * height)));
        foreach (XElement element in drawing.DescendantsAndSelf())
            element.Name = XName.Get(element.Name.LocalName, "http://www.w3.org/2000/svg");
        return drawing.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    static DistancePlot Plot(ExperimentSummary summary, EqualSummary equal, string method) =>
        new([.. summary.Of(equal.Scenario, method).Select(a => (a.Aggregator, a.Squared))], equal.Squared!.Mean);

    static XElement Panel(DistancePlot plot, string scenario, double x, double y)
    {
        XElement drawing = plot.Draw(scenario);
        drawing.Add(At("y", Svg.Unit(Title)), At("width", Svg.Unit(DistancePlot.Width)), At("height", Svg.Unit(plot.Height)));
        return Tag("g", At("transform", $"translate({Svg.Unit(x)} {Svg.Unit(y)})"), Svg.Text("title", "8", 18, scenario), drawing);
    }
}
