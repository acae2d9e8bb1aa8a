using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FedValue.Benchmarks.Kernels;
using FedValue.Kernels;

namespace FedValue.Benchmarks.Coalitions;

/// <summary>
/// All coalitions of a round, and a round of training, beside PyTorch: prints a table, and with <c>--write</c> writes it into the README of
/// this folder and the figures into coalitions.json. <c>--turns N</c> measures that often, <c>--only MODEL</c> one model, <c>--alone</c> leaves
/// PyTorch out.
/// </summary>
static class CoalitionBenchmark
{
    const int Participants = 10, Sampled = 64, Checked = 12;

    static readonly string[] Architectures = ["softmax", "mlp:256,64", "mlp:200,200"];

    public static void Run(string[] arguments)
    {
        int at = Array.IndexOf(arguments, "--turns");
        int turns = at < 0 ? 5 : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
        bool write = arguments.Contains("--write");
        string folder = SamplerErrors.Folder();
        DirectoryInfo exchange = Directory.CreateTempSubdirectory("fedvalue-coalitions-");
        try
        {
            BenchmarkData data = BenchmarkData.Load();
            Contestant? Peer(int threads) => arguments.Contains("--alone") ? null : TorchOrReason(exchange.FullName, threads);
            using Contestant? one = Peer(1), all = one is null ? null : Peer(Environment.ProcessorCount);
            var lines = new List<CoalitionLine>();
            int only = Array.IndexOf(arguments, "--only");
            foreach (string architecture in Architectures.Where(model => only < 0 || arguments[only + 1] == model))
            {
                var round = new BenchmarkRound(architecture, data, Participants, Environment.ProcessorCount);
                Load(round, exchange.FullName, one, all);
                lines.Add(Coalitions(round, one, turns));
                if (architecture == "softmax" && !arguments.Contains("--small"))
                {
                    var larger = new BenchmarkRound(architecture, data, 16, Environment.ProcessorCount);
                    Load(larger, exchange.FullName, one);
                    lines.Add(Coalitions(larger, one, turns));
                }
                if (architecture == "mlp:256,64")
                    lines.Add(Training(round, one, all, turns));
                Console.WriteLine(CoalitionLine.Table(lines));
            }
            string machine = $"{KernelBenchmark.Machine()}; {CpuBackend.VectorTier}; {data.Name}; {one?.Name ?? "without PyTorch"}; {turns} turns";
            string table = $"{machine}.\n\n{CoalitionLine.Table(lines)}";
            Console.Write(table);
            if (!write)
                return;
            File.WriteAllText(Path.Combine(folder, "coalitions.json"), JsonSerializer.Serialize(
                new { machine, turns, sampled = Sampled, lines }, new JsonSerializerOptions { WriteIndented = true }) + "\n");
            SamplerErrors.WriteBetween(Path.Combine(folder, "README.md"), "coalitions", table);
        }
        finally
        {
            exchange.Delete(recursive: true);
        }
    }

    static CoalitionLine Coalitions(BenchmarkRound round, Contestant? peer, int turns)
    {
        int coalitions = 1 << round.Participants, every = coalitions / Sampled;
        string sample = string.Join(' ', Enumerable.Range(0, Sampled).Select(i => i * every + i * 37 % every).Select(mask => Math.Max(1, mask)));
        double[] table = [];
        List<Sample> ours = [], rebuilt = [], sums = [];
        WarmUp(() => round.Table(threads: 1));
        for (int turn = 0; turn <= turns; turn++) // the first warms up
        {
            ours.Add(Time(() => table = round.Table(threads: 1)));
            if (peer is null)
                continue;
            rebuilt.Add(peer.Run("rebuild " + sample));
            sums.Add(peer.Run("sums " + sample));
        }
        int[] masks = [.. Enumerable.Range(1, Checked).Select(i => (int)((long)i * (coalitions - 1) / Checked))];
        double[] doubles = peer?.Ask("double " + string.Join(' ', masks)) ?? [];
        return new CoalitionLine(
            $"{coalitions:N0} coalitions, {round.Shape}", 1, CoalitionLine.Median(ours), CoalitionLine.Median(rebuilt),
            CoalitionLine.Median(sums), CoalitionLine.Quotient(rebuilt, ours), CoalitionLine.Quotient(sums, ours),
            doubles.Length == 0 ? null : masks.Zip(doubles, (mask, loss) => Math.Abs(-table[mask] - loss)).Max(),
            masks.Max(mask => Math.Abs(table[mask] - round.Rebuilt(mask))));
    }

    /// <summary>Ours at its best number of threads beside PyTorch's.</summary>
    static CoalitionLine Training(BenchmarkRound round, Contestant? one, Contestant? all, int turns)
    {
        int threads = Environment.ProcessorCount;
        WarmUp(() => round.TrainAndAggregate(threads));
        List<Sample> ours = [], peerOne = [], peerAll = [];
        for (int turn = 0; turn <= turns; turn++)
        {
            ours.Add(Time(() => round.TrainAndAggregate(threads)));
            if (one is null || all is null)
                continue;
            peerOne.Add(one.Run("train"));
            peerAll.Add(all.Run("train"));
        }
        List<Sample> best = CoalitionLine.Median(peerOne)?.Seconds <= CoalitionLine.Median(peerAll)?.Seconds ? peerOne : peerAll;
        return new CoalitionLine(
            $"training, {round.Shape}, {round.Participants} participants, batch 64", threads, CoalitionLine.Median(ours),
            CoalitionLine.Median(best), null, CoalitionLine.Quotient(best, ours), null, null, null);
    }

    static void Load(BenchmarkRound round, string folder, params Contestant?[] peers)
    {
        round.Write(folder);
        foreach (Contestant? peer in peers)
            peer?.Ask("load " + round.Name);
    }

    static Contestant? TorchOrReason(string folder, int threads)
    {
        try
        {
            return Contestant.Torch(folder, threads, CpuBackend.VectorTier == "avx-512");
        }
        catch (Exception missing) when (missing is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Console.WriteLine("Without PyTorch: it needs /usr/bin/python3 with torch, numpy and OpenBLAS. " + missing.Message);
            return null;
        }
    }

    /// <summary>Works for two seconds: code is compiled anew while it runs often, which a few short turns would not see the end of.</summary>
    static void WarmUp(Action work)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2);)
            work();
    }

    static Sample Time(Action work)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        return new Sample(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }
}

/// <summary>A line of the table: medians of the turns in seconds; a ratio above 1 means that ours is faster.</summary>
sealed record CoalitionLine(
    string Task, int Threads, Sample? Ours, Sample? Peer, Sample? PeerSums, Sample? Ratio, Sample? RatioOfSums,
    double? FromDoubles, double? FromRebuilt)
{
    public static string Table(IEnumerable<CoalitionLine> lines)
    {
        string[] columns =
        [
            "threads", "ours, s", "processor, s", "PyTorch, s", "ratio", "processor", "PyTorch sums, s", "ratio", "processor", "from doubles",
            "from rebuilt",
        ];
        var table = new StringBuilder(
            $"| task | {string.Join(" | ", columns)} |\n| --- |{string.Concat(columns.Select(_ => " ---: |"))}\n");
        foreach (CoalitionLine line in lines)
        {
            table.Append(CultureInfo.InvariantCulture,
                $"| {line.Task} | {line.Threads} | {line.Ours?.Seconds:F3} | {line.Ours?.ProcessorSeconds:F3} | {line.Peer?.Seconds:F2} ");
            table.Append(CultureInfo.InvariantCulture, $"| {line.Ratio?.Seconds:F2} | {line.Ratio?.ProcessorSeconds:F2} ");
            table.Append(CultureInfo.InvariantCulture,
                $"| {line.PeerSums?.Seconds:F2} | {line.RatioOfSums?.Seconds:F2} | {line.RatioOfSums?.ProcessorSeconds:F2} ");
            table.Append(CultureInfo.InvariantCulture, $"| {line.FromDoubles:0.0e0} | {line.FromRebuilt:0.0e0} |\n");
        }
        return table.ToString();
    }

    /// <summary>Without the first, which warmed up; null where nothing was measured.</summary>
    public static Sample? Median(List<Sample> samples) => samples.Count < 2 ? null
        : new Sample(Middle(samples.Skip(1).Select(s => s.Seconds)), Middle(samples.Skip(1).Select(s => s.ProcessorSeconds)));

    /// <summary>The median over the turns of upper by lower.</summary>
    public static Sample? Quotient(List<Sample> upper, List<Sample> lower) => upper.Count < 2 ? null : new Sample(
        Middle(upper.Skip(1).Zip(lower.Skip(1), (u, l) => u.Seconds / l.Seconds)),
        Middle(upper.Skip(1).Zip(lower.Skip(1), (u, l) => u.ProcessorSeconds / l.ProcessorSeconds)));

    static double Middle(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
