using System.Globalization;
using System.Text;
using FedValue.Valuation.Agreement;

namespace FedValue.Cli.Experiments;

/// <summary>
/// The tables as CSV: in canonical order, invariant culture, LF, shortest round-trip numbers, empty where something is undefined. Only the
/// times depend on anything but the experiment.
/// </summary>
static class ExperimentCsv
{
    /// <summary>One line per scenario, aggregator, seed, method and participant.</summary>
    public static string Values(ExperimentSummary summary) => Write(
        "scenario,aggregator,seed,method,participant,value,share,positive_share,size_share,examples,corrupted",
        from result in summary.Results
        from method in summary.Experiment.Methods
        let values = result.Values?[method]
        let shares = values is null ? null : ShareDistance.Shares(values)
        let positive = values is null ? null : ShareDistance.PositiveShares(values)
        let sizes = ExperimentSummary.Sizes(result)
        from k in Enumerable.Range(0, result.Participants.Count)
        select (string[])
        [
            summary.Experiment.Scenarios[result.Cell.Scenario].Name, summary.Experiment.Aggregators[result.Cell.Aggregator].Name,
            Text(result.Cell.Seed), method, result.Participants[k], Text(values?[k]), Text(shares?[k]), Text(positive?[k]), Text(sizes[k]),
            Text(result.Examples[k]), result.Corrupted[k] ? "1" : "0",
        ]);

    /// <summary>One line per scenario, aggregator and method, and one per scenario for equal shares.</summary>
    public static string Summary(ExperimentSummary summary) => Write(
        "scenario,aggregator,method,seeds,failed,undefined,squared_l2,squared_l2_error,squared_l2_median,chebyshev,chebyshev_error,"
            + "positive_squared_l2,positive_chebyshev,expected_squared_l2,spearman_with_exact,auroc",
        summary.Equal.SelectMany(equal => (string[][])
        [
            [
                equal.Scenario, "(equal shares)", "", Text(summary.Experiment.Seeds.Count), "0", "0", .. Whole(equal.Squared),
                Text(equal.Chebyshev?.Mean), Text(equal.Chebyshev?.Error), "", "", Text(equal.Expected), "", "",
            ],
            .. summary.Aggregators.Where(a => a.Scenario == equal.Scenario).Select(a => (string[])
            [
                a.Scenario, a.Aggregator, a.Method, Text(a.Seeds), Text(a.Failed), Text(a.Undefined), .. Whole(a.Squared),
                Text(a.Chebyshev?.Mean), Text(a.Chebyshev?.Error), Text(a.PositiveSquared?.Mean), Text(a.PositiveChebyshev?.Mean), "",
                Text(a.Spearman?.Mean), Text(a.Auroc?.Mean),
            ]),
        ]));

    /// <summary>One line per scenario, group of aggregators and method.</summary>
    public static string Groups(ExperimentSummary summary) => Write(
        "scenario,group,method,members,seeds,squared_l2,chebyshev,mean_share_squared_l2,mean_share_squared_l2_error,mean_share_chebyshev,"
            + "stability_l1,stability_l1_error,largest_share_difference",
        summary.Groups.Select(g => (string[])
        [
            g.Scenario, g.Group, g.Method, Text(g.Members), Text(g.Seeds), Text(g.Squared?.Mean), Text(g.Chebyshev?.Mean),
            Text(g.MeanSquared?.Mean), Text(g.MeanSquared?.Error), Text(g.MeanChebyshev?.Mean), Text(g.Stability?.Mean),
            Text(g.Stability?.Error), Text(g.LargestDifference),
        ]));

    /// <summary>Seconds of every simulation and of its methods: no two runs write the same.</summary>
    public static string Times(ExperimentSummary summary) => Write(
        "scenario,aggregator,seed,what,seconds",
        from result in summary.Results
        from time in (IEnumerable<(string What, double Seconds)>)
            [("simulation", result.Seconds), .. result.MethodSeconds.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => (m.Key, m.Value))]
        select (string[])
        [
            summary.Experiment.Scenarios[result.Cell.Scenario].Name, summary.Experiment.Aggregators[result.Cell.Aggregator].Name,
            Text(result.Cell.Seed), time.What, Text(time.Seconds),
        ]);

    static string[] Whole(SeedStatistics? statistics) => [Text(statistics?.Mean), Text(statistics?.Error), Text(statistics?.Median)];

    static string Write(string header, IEnumerable<string[]> lines)
    {
        var csv = new StringBuilder(header).Append('\n');
        foreach (string[] fields in lines)
            csv.AppendJoin(',', fields.Select(Quoted)).Append('\n');
        return csv.ToString();
    }

    static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\n\r") ? "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : field;

    static string Text(double? number) => number is { } known ? known.ToString("R", CultureInfo.InvariantCulture) : "";

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
