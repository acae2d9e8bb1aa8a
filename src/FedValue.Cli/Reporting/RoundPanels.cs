using System.Xml.Linq;
using FedValue.Cli.Runs;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>A panel per participant: on its own scale, which shows course and interval, and on a common one, which compares.</summary>
/// <param name="view">The run.</param>
/// <param name="method">The method.</param>
/// <param name="totals">Its totals.</param>
/// <param name="values">Its values by participant and round.</param>
sealed class RoundPanels(ReportView view, MethodSummary method, RoundValue?[] totals, RoundValue?[][] values)
{
    /// <summary>More drawings than this make no picture; the tables go on.</summary>
    const int PanelsMax = 128;

    /// <summary>In more rounds than this a dot for each would only thicken the line.</summary>
    const int DottedRoundsMax = 30;

    /// <summary>More dots than this, over all methods, would make the file slow to open.</summary>
    const int DotsMax = 10_000;

    /// <summary>So few that they can be larger.</summary>
    const int FewMax = 3;

    const string Switch = "same-scale";

    readonly int[] _drawn = [.. view.Order.Take(PanelsMax)];
    readonly ValueFormat _ofRounds = ValueFormat.For(values.SelectMany(v => v).OfType<RoundValue>().Select(v => v.Value));
    readonly ValueFormat _ofTotals = ValueFormat.For(method.Total.Values);

    /// <summary>One for all methods; it stands before their panels, where style can look back at it.</summary>
    public static XElement ScaleSwitch() =>
        Tag("input", At("type", "checkbox"), At("id", Switch), At("aria-label", "Same scale for all participants"));

    public XElement Write()
    {
        if (_drawn.Length == 1)
            return Tag("div", Explanation(), Panels("own", k => Extent.Of(values[k])));
        var common = Extent.Of(values.SelectMany(v => v));
        return Tag("div",
            Explanation(),
            Tag("label.toggle", At("for", Switch), "same scale for all participants"),
            Panels("own", k => Extent.Of(values[k])),
            Panels("same", _ => common));
    }

    XElement Explanation()
    {
        string text = method.Total.HasInterval
            ? "Value in each round with its 95 % interval as a band."
            : "Value in each round; no interval, so no band.";
        if (_drawn.Length > 1)
            text += " Each panel has its own scale.";
        if (_drawn.Any(k => values[k].Contains(null)))
            text += " A gap is a round without the participant; ticks below the axis mark the rounds with it.";
        if (_drawn.Length < view.Order.Count)
            text += $" Drawn for the first {Figures.Count(_drawn.Length)} of {Figures.Count(view.Order.Count, "participant")}.";
        return Paragraph(text, "soft");
    }

    XElement Panels(string style, Func<int, Extent> extent) => Tag("div." + style,
        Rolling(_drawn.Length, $"Rounds, {method.Info.Title}", Tag(_drawn.Length > FewMax ? "div.panels" : "div.panels.few",
            _drawn.Select(k => Tag("figure",
                Caption(k), new RoundPanel(extent(k), _ofRounds, view.Rounds, HasDots).Draw(view.Id(k), values[k]))))));

    bool HasDots => view.Rounds <= DottedRoundsMax && (long)_drawn.Length * view.Rounds * view.Summary.Methods.Count <= DotsMax;

    XElement Caption(int k) => Tag("figcaption",
        Tag("span.id", view.Id(k)),
        Tag("span.sum", totals[k] is null ? Figures.Absent : "total " + _ofTotals.Number(totals[k])),
        Tag("span.done", string.Join("; ", view.Participant(k).Corruptions)));
}
