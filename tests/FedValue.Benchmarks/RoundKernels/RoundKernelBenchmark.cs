using System.Globalization;
using System.Text;
using System.Text.Json;
using FedValue.Kernels;

namespace FedValue.Benchmarks.RoundKernels;

/// <summary>Runs the round kernels and their peers, writes <c>round-kernels.json</c> and the table of the README in this folder.</summary>
static class RoundKernelBenchmark
{
    /// <summary>One line of the table: medians and minimum in seconds; ratios are medians over the turns, by clock and by processor time.</summary>
    public sealed record Line(
        int Threads, string Task, double Median, double Best, double Processor, Duration ToRead, Duration? NumpyToOurs);

    public static void Run(string[] arguments)
    {
        int updates = Option(arguments, "--updates", 100), weights = Option(arguments, "--weights", 1_000_000);
        int turns = Option(arguments, "--turns", 15);
        string folder = SamplerErrors.Folder(), script = Path.Combine(folder, "RoundKernels", "round_numpy.py");
        string machine = $"{Processor()}, {Environment.ProcessorCount} processors, {CpuBackend.VectorTier}, " +
            $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";
        string peer = "without numpy";
        var lines = new List<Line>();
        foreach (int threads in new[] { 1, 2 })
        {
            using NumpyPeer? numpy = arguments.Contains("--alone") ? null : new NumpyPeer(script, threads, updates, weights);
            peer = numpy?.Name ?? peer;
            Dictionary<string, Duration[]> seconds = new RoundKernelTimes(updates, weights, threads).Measure(turns, numpy);
            foreach ((string task, Duration[] times) in seconds)
            {
                lines.Add(new Line(
                    threads, task, Median(times.Select(t => t.Wall)), times.Min(t => t.Wall), Median(times.Select(t => t.Processor)),
                    Ratio(times, seconds[RoundKernelTimes.Read]),
                    seconds.TryGetValue("numpy " + task, out Duration[]? others) ? Ratio(others, times) : null));
            }
        }
        string table = $"n = {updates}, d = {weights}, {turns} turns; {machine}; {peer}.\n\n" + Table(lines);
        Console.Write(table);
        if (arguments.Contains("--write"))
        {
            File.WriteAllText(Path.Combine(folder, "round-kernels.json"), JsonSerializer.Serialize(
                new { machine, peer, updates, weights, turns, lines }, Indented) + "\n");
            SamplerErrors.WriteBetween(Path.Combine(folder, "README.md"), "round kernels", table);
        }
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    static int Option(string[] arguments, string name, int otherwise)
    {
        int at = Array.IndexOf(arguments, name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }

    static string Table(IEnumerable<Line> lines)
    {
        var table = new StringBuilder(
            "| threads | task | median ms | best ms | processor ms | in readings | processor | numpy / ours | processor |\n");
        table.Append("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (Line line in lines)
        {
            table.Append(CultureInfo.InvariantCulture,
                $"| {line.Threads} | {line.Task} | {line.Median * 1e3:F1} | {line.Best * 1e3:F1} | {line.Processor * 1e3:F1} ");
            table.Append(CultureInfo.InvariantCulture, $"| {line.ToRead.Wall:F2} | {line.ToRead.Processor:F2} ");
            table.Append(CultureInfo.InvariantCulture, $"| {line.NumpyToOurs?.Wall:F2} | {line.NumpyToOurs?.Processor:F2} |\n");
        }
        return table.ToString();
    }

    static Duration Ratio(Duration[] upper, Duration[] lower) => new(
        Median(upper.Zip(lower, (u, l) => u.Wall / l.Wall)), Median(upper.Zip(lower, (u, l) => u.Processor / l.Processor)));

    static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    static string Processor()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file))
            return "unknown processor";
        string Field(string name) => File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "?";
        return $"{Field("model name")} (family {Field("cpu family")}, model {Field("model\t")})";
    }
}
