using System.Xml.Linq;
using FedValue.Federation.Simulation;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>Who took part with what, what it was worth, and who was paid.</summary>
sealed class ParticipantsSection(ReportView view)
{
    readonly ClassMix _mix = new(view.Plan.Classes, view.Plan.Participants.Select(p => p.Rows));
    readonly RoundValue?[]? _totals = view.Lead is { } lead ? view.Totals(lead) : null;

    public XElement Write()
    {
        IntervalPlot? plot = _totals is null ? null : IntervalPlot.Of(_totals, 3);
        return Tag("section", At("id", "participants"),
            Tag("h2", "Participants"),
            Tag("p.finding", string.Join(" ", Findings.Of(view))),
            Rolling(view.Order.Count, "Participants",
                Tag("table.people", Head(), Tag("tbody", view.Order.Select(k => Row(k, plot))), Foot(plot))),
            plot is null ? null : IntervalPlot.Legend(view.Lead!.Total.HasInterval),
            view.Order.Count > 1 ? Paragraph(OrderNote(), "soft") : null,
            _mix.Table(view.History.Participants, view.Order));
    }

    string OrderNote() => view.Lead is { } lead
        ? $"The whole report lists participants in this order: by total value under {lead.Info.Title}, the largest first."
        : "The whole report lists participants in this order: by payout, the largest first.";

    XElement Head() => HeaderRow(
    [
        Column("participant"), Column("examples", "num"), Column("class mix"), Column("rounds", "num"),
        .. view.Lead is { } lead
            ? [Tag("th.plot", At("scope", "col"), At("colspan", "2"), $"total value, {lead.Info.Title}")]
            : Array.Empty<XElement>(),
        Column("payout", "num"), Column("share of budgets", "share"),
    ]);

    XElement Row(int k, IntervalPlot? plot)
    {
        SimulatedParticipant participant = view.Participant(k);
        return Tag("tr",
            RowHead(Tag("span.id", participant.Id), participant.Corruptions.Select(done => Tag("span.done", done))),
            Tag("td.num.examples", Figures.Count(participant.Rows.Count)),
            Tag("td.classes", _mix.Draw(k)),
            Tag("td.num.rounds", $"{Figures.Count(view.History.RoundsOf(participant.Id))} of {Figures.Count(view.Rounds)}"),
            plot is null ? null : Value(participant.Id, _totals![k], plot),
            Payout(view.Balance(k)),
            Share(view.Balance(k)));
    }

    IEnumerable<XElement> Value(string id, RoundValue? total, IntervalPlot plot)
    {
        ValueFormat format = ValueFormat.For(view.Lead!.Total.Values);
        yield return Tag("td.plot", plot.Cell(total, $"{id}: {format.WithInterval(total)}"));
        yield return Tag("td.num.value", Tag("b", format.Number(total)), " ", Tag("span.soft", format.Half(total)));
    }

    static XElement Payout(long amount) => Tag("td.num.payout", Figures.Count(amount));

    XElement Share(long amount)
    {
        double share = view.BudgetTotal == 0 ? 0 : (double)amount / view.BudgetTotal;
        return Tag("td.share",
            Svg.Stretching("svg.bar", 12, null, Svg.Rect("amount", "0", 1, Svg.Percent(share), 10)),
            Tag("span.num", Figures.Share(amount, view.BudgetTotal)));
    }

    XElement Foot(IntervalPlot? plot) => Tag("tfoot",
        plot is null ? null : Tag("tr.axis",
            Tag("td.blank", At("colspan", "4")), Tag("td.plot", plot.Axis()), Tag("td.blank", At("colspan", "3"))),
        Tag("tr", RowHead("unallocated"), Money(view.History.State.Unallocated, plot)),
        Tag("tr.sum", RowHead("sum of all budgets"), Money(view.BudgetTotal, plot)));

    XElement[] Money(long amount, IntervalPlot? plot) =>
        [Tag("td.blank", At("colspan", plot is null ? "3" : "5")), Payout(amount), Share(amount)];
}
