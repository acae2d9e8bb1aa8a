using System.Globalization;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>Shares under every counterfactual aggregator on the console.</summary>
static class CounterfactualTable
{
    const int CellWidth = 13;

    /// <summary>One table, or several where so many aggregators do not fit beside each other.</summary>
    public static IEnumerable<Table> Of(CounterfactualSummary pool, IReadOnlyList<string> participants, int width)
    {
        (string Name, Func<int, string> Cell)[] columns =
        [
            .. pool.Members.Select(member => (AggregatorNames.Short(member.Name, pool.Pool), Shares(member))),
            ("mean", Shares(pool.Mean)),
            ("spread", k => pool.Total.HasSpread ? SummaryTables.Number(pool.Total.MemberDeviations[k]) : "-"),
            ("rows", k => Percent(pool.Sizes[k])),
        ];
        foreach ((string Name, Func<int, string> Cell)[] some in columns.Chunk(Math.Max(1, width / CellWidth)))
        {
            Table table = SummaryTables.NewTable(
                "Shares if another aggregator had valued", ["participant", .. some.Select(column => Markup.Escape(column.Name))]);
            for (int k = 0; k < participants.Count; k++)
                table.AddRow([Markup.Escape(participants[k]), .. some.Select(column => column.Cell(k))]);
            for (int column = 1; column <= some.Length; column++)
                table.Columns[column].RightAligned();
            table.Columns[0].NoWrap();
            table.Caption("shares of all positive value; spread: standard deviation of the values over the aggregators, no part of an interval");
            yield return table;
        }
    }

    /// <summary>How much the aggregator decides, in one line.</summary>
    public static string Line(CounterfactualSummary pool)
    {
        string stability = pool.Stability is { } distance ? distance.ToString("F3", CultureInfo.InvariantCulture) : "undefined";
        return $"counterfactual: mean L1 distance between two aggregators' shares {stability}; squared distance to the shares of the rows " +
            $"{Distance(pool.Mean)} by the mean, {Distance(pool.Equal)} by equal payout";
    }

    static Func<int, string> Shares(CounterfactualShares member) => k => Percent(member.Shares?[k]);

    static string Distance(CounterfactualShares shares) => shares.SquaredDistance?.ToString("F4", CultureInfo.InvariantCulture) ?? "undefined";

    static string Percent(double? share) => share?.ToString("P1", CultureInfo.InvariantCulture) ?? "-";
}
