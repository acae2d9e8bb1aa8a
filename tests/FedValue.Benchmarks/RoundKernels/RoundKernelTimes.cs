using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;

namespace FedValue.Benchmarks.RoundKernels;

/// <summary>
/// Times of the one-pass statistics and the Gram matrix beside one reading of the same memory and beside numpy. The tasks take turns, so that
/// what else happens on the machine meets all of them; the first turn warms up and is not counted.
/// </summary>
sealed class RoundKernelTimes
{
    public const string Read = "read", Statistics = "statistics", Gram = "gram", NumpyStatistics = "numpy statistics", NumpyGram = "numpy gram";

    readonly int _threads;
    readonly float[][] _models;
    readonly UpdateRows _rows;
    readonly FiguresWanted _statistics;
    readonly CpuBackend _backend;

    public RoundKernelTimes(int updates, int weights, int threads)
    {
        _threads = threads;
        _backend = new CpuBackend(threads);
        var random = new RandomStream(1, RandomPurpose.Split);
        float[] Draw() => [.. Enumerable.Range(0, weights).Select(_ => (float)(random.NextDouble() - 0.5))];
        float[] origin = Draw();
        float[] pattern = Draw();
        _models = [.. Enumerable.Range(0, updates).Select(k => Array.ConvertAll(pattern, x => x * (1 + 0.01f * k)))];
        _rows = new UpdateRows(origin, _models);
        _statistics = new FiguresWanted
        {
            Coefficients = [.. Enumerable.Range(0, updates).Select(k => (k + 1) / (updates * (updates + 1) / 2.0))],
            Combination = new double[weights],
            AlongCombination = true,
            SquaredNorms = true,
            Vectors = [Array.ConvertAll(pattern, x => (double)x)],
        };
    }

    /// <summary>Times by task, one per turn.</summary>
    public Dictionary<string, Duration[]> Measure(int turns, NumpyPeer? numpy)
    {
        var tasks = new Dictionary<string, Func<Duration>>
        {
            [Read] = () => Time(ReadOnce),
            [Statistics] = () => Time(() => _backend.Read(_rows, _statistics)),
            [Gram] = () => Time(() => _backend.Gram(_rows)),
        };
        if (numpy is not null)
        {
            tasks[NumpyStatistics] = () => numpy.Run("statistics");
            tasks[NumpyGram] = () => numpy.Run("gram");
        }
        var seconds = tasks.Keys.ToDictionary(task => task, _ => new List<Duration>());
        for (int turn = 0; turn <= turns; turn++)
        {
            foreach ((string task, Func<Duration> run) in tasks)
            {
                Duration time = run();
                if (turn > 0)
                    seconds[task].Add(time);
            }
        }
        return seconds.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());
    }

    static Duration Time(Action task)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan worked = process.TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        task();
        double wall = Stopwatch.GetElapsedTime(began).TotalSeconds;
        process.Refresh();
        return new Duration(wall, (process.TotalProcessorTime - worked).TotalSeconds);
    }

    /// <summary>The yardstick: every byte of the round is loaded once and takes part in one addition.</summary>
    void ReadOnce()
    {
        int next = -1;
        Parallel.For(0, _threads, new ParallelOptions { MaxDegreeOfParallelism = _threads }, _ =>
        {
            int sum = 0;
            for (int k = Interlocked.Increment(ref next); k < _models.Length; k = Interlocked.Increment(ref next))
                sum ^= Fold(_models[k]);
            GC.KeepAlive(sum);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static int Fold(float[] model)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(model.AsSpan(0, model.Length / 64 * 64));
        ref int first = ref MemoryMarshal.GetReference(bits);
        Vector512<int> a = default, b = default, c = default, d = default;
        for (nuint i = 0; i < (nuint)bits.Length; i += 64)
        {
            a ^= Vector512.LoadUnsafe(ref first, i);
            b ^= Vector512.LoadUnsafe(ref first, i + 16);
            c ^= Vector512.LoadUnsafe(ref first, i + 32);
            d ^= Vector512.LoadUnsafe(ref first, i + 48);
        }
        return ((a ^ b) ^ (c ^ d)).GetElement(0);
    }
}
