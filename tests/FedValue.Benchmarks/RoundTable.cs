using System.Globalization;
using System.Text;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;

namespace FedValue.Benchmarks;

/// <summary>The medians of <see cref="RoundBenchmark"/> as one Markdown table: a row per method, a column per (n, d).</summary>
static class RoundTable
{
    public static string Write(Summary summary)
    {
        var medians = summary.Reports.ToDictionary(
            report => (Method: (string)report.BenchmarkCase.Parameters["Method"], Updates: (int)report.BenchmarkCase.Parameters["Updates"],
                Weights: (int)report.BenchmarkCase.Parameters["Weights"]),
            report => report.ResultStatistics?.Median);
        (int Updates, int Weights)[] columns = [.. medians.Keys.Select(key => (key.Updates, key.Weights)).Distinct().Order()];
        var table = new StringBuilder();
        table.Append("| method |").AppendJoin("", columns.Select(c => $" n={c.Updates}, d={Power(c.Weights)} |")).Append('\n');
        table.Append("| --- |").AppendJoin("", columns.Select(_ => " ---: |")).Append('\n');
        foreach (string method in RoundBenchmark.Methods)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {method} |");
            foreach ((int updates, int weights) in columns)
            {
                bool possible = RoundBenchmark.IsPossibleFor(method, updates);
                double? median = medians.GetValueOrDefault((method, updates, weights));
                table.Append(possible && median is { } nanoseconds ? $" {Seconds(nanoseconds / 1e9)} |" : " - |");
            }
            table.Append('\n');
        }
        return table.ToString();
    }

    static string Power(int number) => "1e" + (number.ToString(CultureInfo.InvariantCulture).Length - 1).ToString(CultureInfo.InvariantCulture);

    static string Seconds(double seconds) => seconds.ToString(seconds < 0.1 ? "F4" : seconds < 10 ? "F2" : "F0", CultureInfo.InvariantCulture);
}
