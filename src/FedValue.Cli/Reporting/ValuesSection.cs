using System.Xml.Linq;
using FedValue.Cli.Runs;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Totals and values per round, method by method. The choice is made by radio buttons and style alone.</summary>
sealed class ValuesSection(ReportView view)
{
    /// <summary>All methods' tables together; beyond it only the leading method's is written out.</summary>
    const int CellsMax = 40_000;

    IReadOnlyList<MethodSummary> Methods => view.Summary.Methods;

    /// <summary>What makes the buttons choose: rules per method, for the style sheet.</summary>
    public static string Style(ReportView view) => string.Concat(view.Summary.Methods.Select((_, m) => $$"""
        #m{{m}}:checked~#p{{m}}{display:block}
        #m{{m}}:checked~[for=m{{m}}]{background:var(--ink);color:var(--card);border-color:var(--ink)}
        #m{{m}}:focus-visible~[for=m{{m}}]{outline:2px solid var(--plus);outline-offset:2px}

        """));

    public XElement? Write() => Methods.Count == 0 ? null : Tag("section", At("id", "values"),
        Tag("h2", "Values"),
        Paragraph("Every method gives values in its own unit: compare orders and signs between methods, not sizes.", "soft"),
        view.History.TotalRule.Description is { } rule
            ? Paragraph($"Totals are not plain sums: {rule}. Values per round are as the method gave them, and payouts follow those.")
            : null,
        Tag("div.choice", At("role", "group"), At("aria-label", "Method shown"),
            Methods.Select(Button),
            RoundPanels.ScaleSwitch(),
            Methods.Select((method, m) => Panel(method, m))));

    IEnumerable<XElement> Button(MethodSummary method, int m)
    {
        string id = $"m{m}";
        bool pays = method.Info.Name == view.Payment.PayBy;
        yield return Tag("input", At("type", "radio"), At("name", "method"), At("id", id),
            method == view.Lead ? At("checked", "checked") : null);
        yield return Tag("label", At("for", id), method.Info.Title, pays ? Tag("span.pays", "pays") : null);
    }

    XElement Panel(MethodSummary method, int m)
    {
        RoundValue?[] totals = view.Totals(method);
        RoundValue?[][] values = [.. Enumerable.Range(0, view.Order.Count).Select(k => view.Values(method.Info.Name, k))];
        return Tag("div.panel", At("id", $"p{m}"),
            Tag("p.game", Tag("b", method.Info.Title + ". "), method.Info.Game, method.Info.Note == "" ? null : " " + method.Info.Note),
            Tag("h3", $"Total over {Figures.Count(view.Rounds, "round")}"),
            Totals(method, totals),
            IntervalPlot.Legend(method.Total.HasInterval),
            Tag("h3", "Per round"),
            view.Rounds == 1 && view.History.TotalRule.Description is null ? Paragraph("There was one round: its values are the totals.", "soft")
                : new RoundPanels(view, method, totals, values).Write(),
            Table(method, values));
    }

    XElement Totals(MethodSummary method, RoundValue?[] totals)
    {
        var plot = IntervalPlot.Of(totals, 6);
        var format = ValueFormat.For(method.Total.Values);
        XElement Row(int k) => Tag("tr",
            RowHead(Tag("span.id", view.Id(k))),
            Tag("td.plot", plot.Cell(totals[k], $"{view.Id(k)}: {format.WithInterval(totals[k])}")),
            Number(format.Number(totals[k])),
            Tag("td.num.soft", format.Half(totals[k])));
        return Rolling(view.Order.Count, $"Totals, {method.Info.Title}", Tag("table.totals",
            HeaderRow(Column("participant"), Column(method.Total.HasInterval ? "total with 95 % interval" : "total"),
                Column("value", "num"), Column("interval", "num")),
            Tag("tbody", view.Order.Select(Row)),
            Tag("tfoot", Tag("tr.axis", Tag("td"), Tag("td.plot", plot.Axis()), Tag("td"), Tag("td")))));
    }

    XElement Table(MethodSummary method, RoundValue?[][] values)
    {
        if (method != view.Lead && (long)view.Order.Count * view.Rounds * Methods.Count > CellsMax)
            return Paragraph("The values of every round are in contributions.csv beside this report.", "soft");
        var format = ValueFormat.For(values.SelectMany(v => v).OfType<RoundValue>().Select(v => v.Value));
        return Foldout($"Table: {method.Info.Title} per round",
            Paragraph(method.Total.HasInterval ? "Value ± half of the 95 % interval." : "These values have no interval.", "soft"),
            Scrolling($"{method.Info.Title} per round", Tag("table.grid",
                HeaderRow([Column("participant"), .. Enumerable.Range(1, view.Rounds).Select(r => Column(Figures.Count(r), "num"))]),
                Tag("tbody", view.Order.Select(k => Tag("tr", RowHead(view.Id(k)), values[k].Select(v => Cell(v, format))))))));
    }

    static XElement Cell(RoundValue? value, ValueFormat format) => value is not { } known ? Tag("td.num.soft", "absent")
        : Tag("td.num", format.Number(known.Value), known.Interval is null ? null : Tag("span.soft", " " + format.Half(known.Interval)));
}
