using FedValue.Cli.Runs;
using FedValue.Ledger.Payments;

namespace FedValue.Cli.Reporting;

/// <summary>What the leading method's totals say, as sentences that hold whatever the numbers are.</summary>
static class Findings
{
    public static IEnumerable<string> Of(ReportView view)
    {
        if (view.Lead is not { } lead)
            return ["No valuation method ran, so this report shows who was paid, not what anybody contributed."];
        return [First(view, lead), .. Signs(view, lead), .. PaidAnyway(view, lead)];
    }

    static string First(ReportView view, MethodSummary lead)
    {
        int top = view.Order[0];
        string worth = ValueFormat.For(lead.Total.Values).WithInterval(view.Total(lead, top));
        return $"By {lead.Info.Title}, {view.Id(top)} is worth {(view.Order.Count > 1 ? $"the most ({worth})" : worth)} " +
            $"and receives {Figures.Share(view.Balance(top), view.BudgetTotal)} of all budgets.";
    }

    static IEnumerable<string> Signs(ReportView view, MethodSummary lead)
    {
        if (!lead.Total.HasInterval || view.Order.Count < 2)
            yield break;
        string[] Those(Func<(double Low, double High), bool> condition) =>
            [.. view.Order.Where(k => view.Total(lead, k)?.Interval is { } interval && condition(interval)).Select(view.Id)];
        string[] below = Those(interval => interval.High < 0), around = Those(interval => interval.Low <= 0 && interval.High >= 0);
        if (below.Length > 0)
            yield return $"The whole 95 % interval lies below zero for {Figures.Names(below)}.";
        if (around.Length > 0)
            yield return $"The interval contains zero for {Figures.Names(around)}: this run cannot tell the sign.";
        if (below.Length + around.Length == 0)
            yield return "Everybody's 95 % interval lies above zero.";
    }

    static IEnumerable<string> PaidAnyway(ReportView view, MethodSummary lead)
    {
        string[] paid = [.. view.Order.Where(k => lead.Total.Values[k] <= 0 && view.Balance(k) > 0).Select(view.Id)];
        if (view.Payment.Policy == PaymentPolicy.Proportional && paid.Length > 0)
        {
            yield return $"{Figures.Names(paid)} received something, though the total is not positive: " +
                "payouts follow the values of each round.";
        }
    }
}
