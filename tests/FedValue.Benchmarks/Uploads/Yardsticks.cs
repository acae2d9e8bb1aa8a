using System.Diagnostics;
using System.Security.Cryptography;
using FedValue.Ledger.Storage;

namespace FedValue.Benchmarks.Uploads;

/// <summary>How long something took.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="ProcessorSeconds">Of all threads.</param>
readonly record struct Cost(double Seconds, double ProcessorSeconds);

/// <summary>What must be done to the same bytes at least: copying their files, digesting them.</summary>
static class Yardsticks
{
    /// <summary>Copies files within their disk.</summary>
    /// <param name="files">What to copy.</param>
    /// <param name="folder">Where to; made, and deleted afterwards.</param>
    /// <param name="flush">Whether every copy is forced to the disk, as an update is before its receipt.</param>
    public static Cost Copy(IReadOnlyList<string> files, string folder, bool flush)
    {
        Directory.CreateDirectory(folder);
        Cost cost = Time(files.Count, k =>
        {
            string copy = Path.Combine(folder, Path.GetFileName(files[k]));
            File.Copy(files[k], copy);
            if (flush)
            {
                using var file = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite);
                DurableFile.Flush(file, copy);
            }
        });
        Directory.Delete(folder, recursive: true);
        return cost;
    }

    /// <summary>Digests bytes that lie in memory, as often as there are files.</summary>
    public static Cost Digest(byte[] bytes, int files) => Time(files, _ => SHA256.HashData(bytes));

    static Cost Time(int count, Action<int> work)
    {
        TimeSpan processor = ProcessorTime();
        long began = Stopwatch.GetTimestamp();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, work);
        return new Cost(Stopwatch.GetElapsedTime(began).TotalSeconds, (ProcessorTime() - processor).TotalSeconds);
    }

    /// <summary>Of all threads of this process so far.</summary>
    public static TimeSpan ProcessorTime()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }
}
