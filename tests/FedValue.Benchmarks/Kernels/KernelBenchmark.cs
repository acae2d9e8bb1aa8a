using System.Globalization;
using System.Text.Json;
using FedValue.Kernels;

namespace FedValue.Benchmarks.Kernels;

/// <summary>The kernels beside their peers: prints a table, writes it into the README and the figures into kernels.json.</summary>
static class KernelBenchmark
{
    const int WarmUps = 20, Rounds = 25; // .NET compiles what is hot once more
    static readonly (int M, int K, int N)[] Shapes = [(2048, 2048, 2048), (10000, 784, 256)];

    /// <summary>Runs every duel.</summary>
    /// <param name="folder">Of this project's sources.</param>
    public static void Run(string folder)
    {
        var contestants = new List<Contestant>();
        Contestant Enter(Contestant contestant)
        {
            contestants.Add(contestant);
            return contestant;
        }
        try
        {
            Contestant narrow = Enter(Contestant.Ours(avx512: false)), wide = Enter(Contestant.Ours(avx512: true));
            bool isWide = CpuBackend.VectorTier == "avx-512";
            var duels = new List<Duel>();
            foreach (int threads in new[] { 1, 2 })
            {
                // OpenBLAS takes AVX2 kernels on processors it does not know: with AVX-512 it is asked for its fastest ones.
                Contestant haswell = Enter(Contestant.OpenBlas(threads, "Haswell"));
                Contestant peer = isWide ? Enter(Contestant.OpenBlas(threads, "SkylakeX")) : haswell;
                foreach ((int m, int k, int n) in Shapes)
                {
                    string task = $"sgemm {m} x {k} x {n}", work = $"sgemm {m} {k} {n} {threads}";
                    if (isWide)
                        duels.Add(new Duel(task, threads, wide, work, peer, work));
                    duels.Add(new Duel(task, threads, narrow, work, haswell, work));
                }
            }
            foreach (Contestant ours in isWide ? [wide, narrow] : new[] { narrow })
            {
                foreach (string function in new[] { "exp", "log" })
                    duels.Add(new Duel($"{function}, 10,000,000 doubles", 1, ours, function, ours, $"math-{function}"));
            }
            for (int round = -WarmUps; round < Rounds; round++)
                duels.ForEach(duel => duel.Round(round, counts: round >= 0));
            Report(folder, [.. duels.Select(duel => duel.Result)]);
        }
        finally
        {
            contestants.ForEach(contestant => contestant.Dispose());
        }
    }

    static void Report(string folder, DuelResult[] results)
    {
        string machine = Machine();
        string table = string.Join('\n',
        [
            $"{machine}. Medians of {Rounds} rounds.", "",
            "| task | threads | ours | peer | ours, ms | peer, ms | ratio | of shortest | of processor time |",
            "| --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: |", .. results.Select(Row),
        ]);
        Console.WriteLine(table);
        File.WriteAllText(Path.Combine(folder, "kernels.json"),
            JsonSerializer.Serialize(new { machine, results }, new JsonSerializerOptions { WriteIndented = true }) + "\n");
        const string start = "<!-- kernels -->\n", end = "\n<!-- end of kernels -->";
        string file = Path.Combine(folder, "README.md"), readme = File.ReadAllText(file);
        int from = readme.IndexOf(start, StringComparison.Ordinal) + start.Length, to = readme.IndexOf(end, StringComparison.Ordinal);
        File.WriteAllText(file, readme[..from] + table + readme[to..]);
    }

    static string Row(DuelResult r)
    {
        bool isMath = r.Ours == r.Peer;
        string peer = isMath ? $"Math.{(r.Task.StartsWith("exp", StringComparison.Ordinal) ? "Exp" : "Log")}" : r.Peer.Split(',')[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {r.Task} | {r.Threads} | {r.Ours.Split(',')[0].Replace("FedValue ", "")} | {peer} | {r.OursMilliseconds:F1} | " +
            $"{r.PeerMilliseconds:F1} | {r.Ratio:F2} | {r.RatioOfShortest:F2} | {r.RatioOfProcessorTime:F2} |");
    }

    public static string Machine()
    {
        string Field(string name) => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? "?";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[1];
        return $"{Environment.ProcessorCount} threads of {Field("model name")} (family {Field("cpu family")}, model {Field("model\t")}), " +
            $".NET {Environment.Version}, load {load} over the last five minutes";
    }
}
