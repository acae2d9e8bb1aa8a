using System.Globalization;
using System.Text;

namespace FedValue.Benchmarks;

/// <summary>Squared error against budget, both logarithmic, one panel per game.</summary>
static class SamplerChart
{
    const double PanelWidth = 300, PanelHeight = 260, Left = 52, Top = 40, Gap = 66, LegendWidth = 190;

    // Okabe and Ito's colours; the dashes help where colours do not.
    static readonly string[] Colours = ["#000000", "#0072b2", "#009e73", "#d55e00", "#cc79a7", "#e69f00", "#56b4e9"];
    static readonly string[] Dashes = ["", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 4"];

    public static string Draw((KnownGame Game, SamplerErrors.Curve[] Curves)[] games)
    {
        double width = Left + games.Length * (PanelWidth + Gap) + LegendWidth, height = Top + PanelHeight + 46;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:F0} {height:F0}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"{width:F0}\" height=\"{height:F0}\" fill=\"#ffffff\"/>");
        for (int g = 0; g < games.Length; g++)
            Panel(svg, games[g].Game.Name, games[g].Curves, Left + g * (PanelWidth + Gap));
        Legend(svg, games[0].Curves, Left + games.Length * (PanelWidth + Gap) - Gap + 24);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    static void Panel(StringBuilder svg, string name, SamplerErrors.Curve[] curves, double left)
    {
        double[] errors = [.. curves.SelectMany(curve => curve.Points.Select(point => Math.Log10(point.Error)))];
        int low = (int)Math.Floor(errors.Min()), high = (int)Math.Ceiling(errors.Max());
        double X(int budget) => left + PanelWidth * Math.Log2((double)budget / SamplerErrors.Budgets[0])
            / Math.Log2((double)SamplerErrors.Budgets[^1] / SamplerErrors.Budgets[0]);
        double Y(double logarithm) => Top + PanelHeight * (high - logarithm) / (high - low);

        Line(svg, $"<text x=\"{left:F0}\" y=\"{Top - 16:F0}\" font-size=\"14\">{name}: relative squared error</text>");
        for (int power = low; power <= high; power++)
        {
            Line(svg, $"<path d=\"M{left:F0} {Y(power):F1}h{PanelWidth:F0}\" stroke=\"#dddddd\"/>");
            Line(svg, $"<text x=\"{left - 6:F0}\" y=\"{Y(power) + 4:F1}\" text-anchor=\"end\">1e{power}</text>");
        }
        foreach (int budget in SamplerErrors.Budgets)
            Line(svg, $"<text x=\"{X(budget):F1}\" y=\"{Top + PanelHeight + 18:F0}\" text-anchor=\"middle\">{budget}</text>");
        Line(svg, $"<text x=\"{left + PanelWidth / 2:F0}\" y=\"{Top + PanelHeight + 36:F0}\" text-anchor=\"middle\">permutations</text>");
        for (int i = 0; i < curves.Length; i++)
        {
            string points = string.Join(' ', curves[i].Points.Select((point, b) =>
                string.Create(CultureInfo.InvariantCulture, $"{X(SamplerErrors.Budgets[b]):F1},{Y(Math.Log10(point.Error)):F1}")));
            Line(svg, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Colours[i]}\" stroke-width=\"2\" stroke-dasharray=\"{Dashes[i]}\"/>");
        }
    }

    static void Legend(StringBuilder svg, SamplerErrors.Curve[] curves, double left)
    {
        for (int i = 0; i < curves.Length; i++)
        {
            double y = Top + 12 + 22 * i;
            Line(svg, $"<path d=\"M{left:F0} {y - 4:F0}h34\" stroke=\"{Colours[i]}\" stroke-width=\"2\" stroke-dasharray=\"{Dashes[i]}\"/>");
            Line(svg, $"<text x=\"{left + 42:F0}\" y=\"{y:F0}\">{curves[i].Method}</text>");
        }
    }

    static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
