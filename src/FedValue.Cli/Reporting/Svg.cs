using System.Globalization;
using System.Text;
using System.Xml.Linq;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Shapes. Coordinates are user units, or shares of the width where a drawing stretches and its text does not.</summary>
static class Svg
{
    /// <summary>A drawing that scales as a whole; title and description speak for it where it is not seen.</summary>
    public static XElement Scaled(string name, double width, double height, string title, string description, params object?[] content) =>
        Tag(name, At("viewBox", $"0 0 {Unit(width)} {Unit(height)}"), At("role", "img"), Title(title), Tag("desc", description), content);

    /// <summary>A drawing as wide as its place; what it shows also stands beside it as text.</summary>
    public static XElement Stretching(string name, double height, string? title, params object?[] content) =>
        Tag(name, At("height", Unit(height)), title is null ? At("aria-hidden", "true") : At("role", "img"),
            title is null ? null : Title(title), content);

    public static XElement Title(string text) => Tag("title", text);

    public static XElement Line(string style, string x1, string y1, string x2, string y2) =>
        Tag("line." + style, At("x1", x1), At("y1", y1), At("x2", x2), At("y2", y2));

    public static XElement Line(string style, double x1, double y1, double x2, double y2) =>
        Line(style, Unit(x1), Unit(y1), Unit(x2), Unit(y2));

    public static XElement Circle(string style, string x, double y, double radius, params object?[] content) =>
        Tag("circle." + style, At("cx", x), At("cy", Unit(y)), At("r", Unit(radius)), content);

    public static XElement Rect(string style, string x, double y, string width, double height, params object?[] content) =>
        Tag("rect." + style, At("x", x), At("y", Unit(y)), At("width", width), At("height", Unit(height)), content);

    public static XElement Text(string style, string x, double y, string text) =>
        Tag("text." + style, At("x", x), At("y", Unit(y)), text);

    public static XElement Path(string style, string data) => Tag("path." + style, At("d", data));

    /// <summary>A path through the points.</summary>
    public static string Through(IEnumerable<(double X, double Y)> points)
    {
        var data = new StringBuilder();
        foreach ((double x, double y) in points)
            data.Append(data.Length == 0 ? 'M' : 'L').Append(Unit(x)).Append(' ').Append(Unit(y));
        return data.ToString();
    }

    public static string Unit(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + "%";
}
