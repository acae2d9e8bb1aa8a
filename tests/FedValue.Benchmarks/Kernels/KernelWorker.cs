using System.Diagnostics;
using System.Globalization;
using FedValue.Kernels;

namespace FedValue.Benchmarks.Kernels;

/// <summary>Our side of the kernel benchmark: reads lines of work and answers "seconds processor-seconds", as peers.py does.</summary>
static class KernelWorker
{
    const int Numbers = 2500; // in the first cache, and not whole pages, at whose distance loads and stores get into each other's way
    const int Repeats = 4000;

    static readonly string[] Functions = ["exp", "math-exp", "log", "math-log"];

    /// <summary>Works until the input ends.</summary>
    public static void Run()
    {
        Console.WriteLine($"FedValue {CpuBackend.VectorTier}, .NET {Environment.Version}");
        var matrices = new Dictionary<(int, int, int), (float[] A, float[] B, float[] C)>();
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            Action work = Functions.Contains(words[0]) ? Elementwise(words[0]) : Product(matrices, [.. words.Skip(1).Select(int.Parse)]);
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            work();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double ofProcessor = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:R} {ofProcessor:R}"));
        }
    }

    static Action Product(Dictionary<(int, int, int), (float[] A, float[] B, float[] C)> matrices, int[] sizes)
    {
        (int m, int k, int n, int threads) = (sizes[0], sizes[1], sizes[2], sizes[3]);
        if (!matrices.TryGetValue((m, k, n), out (float[] A, float[] B, float[] C) product))
            matrices[(m, k, n)] = product = (Uniform(m * k), Uniform(k * n), new float[m * n]);
        return () => MatrixProduct.Multiply(product.A, k, product.B, n, product.C, n, m, k, n, threads);
    }

    /// <summary>Ten million exponentials of numbers in [-40, 5], or logarithms of numbers between 2^-30 and 2^30.</summary>
    static Action Elementwise(string function)
    {
        var random = new Random(1);
        double[] results = new double[Numbers], x = [.. Enumerable.Range(0, Numbers).Select(_ =>
            function.EndsWith("exp", StringComparison.Ordinal) ? 45 * random.NextDouble() - 40 : Math.Pow(2, 60 * random.NextDouble() - 30))];
        Action once = function switch
        {
            "exp" => () => Elementary.Exp(x, results),
            "log" => () => Elementary.Log(x, results),
            "math-exp" => () => MathExp(x, results),
            _ => () => MathLog(x, results),
        };
        return () =>
        {
            for (int i = 0; i < Repeats; i++)
                once();
        };
    }

    // Loops of their own, not one over a delegate: the call would count against the peer.
    static void MathExp(double[] x, double[] results)
    {
        for (int i = 0; i < x.Length; i++)
            results[i] = Math.Exp(x[i]);
    }

    static void MathLog(double[] x, double[] results)
    {
        for (int i = 0; i < x.Length; i++)
            results[i] = Math.Log(x[i]);
    }

    static float[] Uniform(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
