using System.Xml.Linq;
using FedValue.Cli.Runs;
using FedValue.Valuation.Agreement;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>
/// Methods by methods: the rank correlation of their totals. A heat map that is a table, so that every shade has its number.
/// </summary>
static class AgreementMap
{
    /// <summary>The strongest shade leaves the number on it readable.</summary>
    const double ShadeMax = 0.62;

    public static XElement Of(IReadOnlyList<MethodSummary> methods) => Tag("div",
        Paragraph("Spearman's rank correlation of the total values: 1 is the same order, 0 no relation, −1 the reverse order. " +
            "Blue agrees, orange contradicts; a dash means undefined, for want of two different values.", "soft"),
        Scrolling("Agreement of methods", Tag("table.heat",
            HeaderRow([Tag("td"), .. methods.Select(Heading)]),
            Tag("tbody", methods.Select(row => Tag("tr", RowHead(row.Info.Title), methods.Select(column => Cell(row, column))))))));

    static XElement Heading(MethodSummary method) => Tag("th", At("scope", "col"), Tag("span.upright", method.Info.Title));

    static XElement Cell(MethodSummary row, MethodSummary column)
    {
        double? spearman = MethodAgreement.Spearman(row.Total.Values, column.Total.Values);
        string shade = Svg.Percent(Math.Abs(spearman ?? 0) * ShadeMax);
        return Tag(spearman < 0 ? "td.against" : "td.with", At("style", "--shade:" + shade), MethodsSection.Rank(spearman));
    }
}
