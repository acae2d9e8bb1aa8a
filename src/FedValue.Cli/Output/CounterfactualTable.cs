using System.Globalization;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>Shares under every counterfactual aggregator on the console.</summary>
static class CounterfactualTable
{
    public static Table Of(RunSummary summary, CounterfactualSummary pool)
    {
        string[] names = [.. pool.Members.Select(member => AggregatorNames.Short(member.Name, pool.Pool))];
        Table table = SummaryTables.NewTable(
            "Shares if another aggregator had valued", ["participant", .. names, "mean", "spread of values", "share of rows"]);
        for (int k = 0; k < summary.Plan.Participants.Count; k++)
        {
            int participant = k;
            table.AddRow(
            [
                Markup.Escape(summary.Plan.Participants[k].Id),
                .. pool.Members.Append(pool.Mean).Select(member => Percent(member.Shares?[participant])),
                pool.Total.HasSpread ? SummaryTables.Number(pool.Total.MemberDeviations[k]) : "-",
                Percent(pool.Sizes[k]),
            ]);
        }
        for (int column = 1; column < names.Length + 4; column++)
            table.Columns[column].RightAligned();
        table.Caption("share of all positive value; spread: standard deviation over the aggregators, no part of an interval");
        return table;
    }

    /// <summary>How much the aggregator decides, in one line.</summary>
    public static string Line(CounterfactualSummary pool)
    {
        string stability = pool.Stability is { } distance ? distance.ToString("F3", CultureInfo.InvariantCulture) : "undefined";
        return $"counterfactual: mean L1 distance between two aggregators' shares {stability}; squared distance to the sizes " +
            $"{Distance(pool.Mean)} by the mean, {Distance(pool.Equal)} by equal payout";
    }

    static string Distance(CounterfactualShares shares) => shares.SquaredDistance?.ToString("F4", CultureInfo.InvariantCulture) ?? "undefined";

    static string Percent(double? share) => share?.ToString("P1", CultureInfo.InvariantCulture) ?? "-";
}
