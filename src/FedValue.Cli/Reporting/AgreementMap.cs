using System.Xml.Linq;
using FedValue.Cli.Runs;
using FedValue.Valuation.Agreement;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Methods by methods: the rank correlation of their totals, as a heat map in which every shade has its number.</summary>
static class AgreementMap
{
    /// <summary>The strongest shade leaves the number on it readable.</summary>
    const double ShadeMax = 0.62;
    const double NameWidth = 190, NameHeight = 190, CellWidth = 56, CellHeight = 34, Gap = 2;

    public static XElement Of(IReadOnlyList<MethodSummary> methods)
    {
        double width = NameWidth + methods.Count * CellWidth, height = NameHeight + methods.Count * CellHeight;
        return Tag("div",
            Paragraph("Spearman's rank correlation of the total values: 1 is the same order, 0 no relation, −1 the reverse order. " +
                "Blue agrees, orange contradicts; a dash means undefined, for want of two different values.", "soft"),
            Scrolling("Agreement of methods", Svg.Scaled("svg.heat", width, height,
                "Agreement of methods", "Rank correlation of the total values of every pair of methods.",
                At("style", $"width:{Svg.Unit(width)}px"),
                methods.Select((method, i) => ColumnName(method, i)),
                methods.Select((method, i) => RowName(method, i)),
                methods.SelectMany((row, i) => methods.Select((column, j) => Cell(row, i, column, j))))));
    }

    static XElement ColumnName(MethodSummary method, int place)
    {
        (string x, string y) = (Svg.Unit(NameWidth + (place + 0.5) * CellWidth + 4), Svg.Unit(NameHeight - 8));
        return Tag("text", At("x", x), At("y", y), At("transform", $"rotate(-90 {x} {y})"), method.Info.Title);
    }

    static XElement RowName(MethodSummary method, int place) =>
        Svg.Text("row", Svg.Unit(NameWidth - 10), NameHeight + (place + 0.5) * CellHeight + 4, method.Info.Title);

    static XElement Cell(MethodSummary row, int i, MethodSummary column, int j)
    {
        double? spearman = MethodAgreement.Spearman(row.Total.Values, column.Total.Values);
        string number = MethodsSection.Rank(spearman);
        (double x, double y) = (NameWidth + j * CellWidth, NameHeight + i * CellHeight);
        return Tag("g",
            Svg.Title($"{row.Info.Title} and {column.Info.Title}: {number}"),
            Tag(spearman < 0 ? "rect.against" : "rect.with",
                At("x", Svg.Unit(x)), At("y", Svg.Unit(y)), At("width", Svg.Unit(CellWidth - Gap)), At("height", Svg.Unit(CellHeight - Gap)),
                At("rx", "4"), At("fill-opacity", Svg.Unit(Math.Abs(spearman ?? 0) * ShadeMax))),
            Svg.Text("cell", Svg.Unit(x + (CellWidth - Gap) / 2), y + CellHeight / 2 + 4, number));
    }
}
