using System.Globalization;
using System.Text.Json;
using FedValue.Benchmarks.Kernels;

namespace FedValue.Benchmarks.Uploads;

/// <summary>Large updates at once. Megabytes are 10^6 bytes.</summary>
/// <param name="Megabytes">Of all updates.</param>
/// <param name="Seconds">From the first byte to the last receipt.</param>
/// <param name="ServerProcessorSeconds">Of all threads of the server meanwhile.</param>
/// <param name="TrainersProcessorSeconds">Of the process of all trainers meanwhile.</param>
/// <param name="PeakBytes">Peak resident memory of the server meanwhile.</param>
/// <param name="PeakBytesBefore">The same from its start to the opening of the round.</param>
/// <param name="SmallMedian">Milliseconds of a small request meanwhile.</param>
/// <param name="Small99">99 of 100 small requests were faster, in milliseconds.</param>
/// <param name="SmallCount">How many small requests there were.</param>
/// <param name="Copy">Copying the files.</param>
/// <param name="FlushedCopy">Copying the files and forcing each to the disk.</param>
/// <param name="Digest">SHA-256 of the bytes.</param>
/// <param name="Bare">The same trainers into sockets, digests and files alone.</param>
sealed record LargeRun(
    double Megabytes, double Seconds, double ServerProcessorSeconds, double TrainersProcessorSeconds, long PeakBytes, long PeakBytesBefore,
    double SmallMedian, double Small99, int SmallCount, Cost Copy, Cost FlushedCopy, Cost Digest, Cost Bare)
{
    /// <summary>Speed against the slower of plain copy and SHA-256.</summary>
    public double Ratio => Math.Max(Copy.Seconds, Digest.Seconds) / Seconds;

    /// <summary>Speed against the slower of SHA-256 and a copy that is as durable as an update.</summary>
    public double FlushedRatio => Math.Max(FlushedCopy.Seconds, Digest.Seconds) / Seconds;

    /// <summary>Speed against bare sockets, which nothing that comes over loopback can beat here.</summary>
    public double BareRatio => Bare.Seconds / Seconds;

    /// <summary>Processor time of copying and digesting, both of which the server does, against the server's.</summary>
    public double ProcessorRatio => (FlushedCopy.ProcessorSeconds + Digest.ProcessorSeconds) / ServerProcessorSeconds;
}

/// <summary>Small updates of very many.</summary>
/// <param name="Participants">How many.</param>
/// <param name="UpdateBytes">The bytes of one update.</param>
/// <param name="EnrolSeconds">Creation, tokens, enrolments, opening.</param>
/// <param name="UploadSeconds">From the first byte to the last receipt.</param>
/// <param name="ServerProcessorSeconds">Of all threads of the server meanwhile.</param>
/// <param name="CloseSeconds">Aggregation, valuation, payment.</param>
/// <param name="PeakBytes">Peak resident memory of the server, of all.</param>
sealed record ManyRun(
    int Participants, int UpdateBytes, double EnrolSeconds, double UploadSeconds, double ServerProcessorSeconds, double CloseSeconds, long PeakBytes);

/// <summary>The medians of all runs: printed, and written into the README and uploads.json.</summary>
sealed class UploadReport
{
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true };
    readonly List<LargeRun> _large = [];
    readonly List<ManyRun> _many = [];

    public void Add(LargeRun run)
    {
        Console.WriteLine(run);
        _large.Add(run);
    }

    public void Add(ManyRun run)
    {
        Console.WriteLine(run);
        _many.Add(run);
    }

    /// <summary>Prints the tables; writes them where a folder is given.</summary>
    public void Write(string? folder)
    {
        string machine = KernelBenchmark.Machine();
        string tables = string.Join('\n', [$"{machine}. Medians of {Math.Max(_large.Count, _many.Count)} runs.", "", .. Large(), .. Many()]);
        Console.Write(tables);
        if (folder is null)
            return;
        SamplerErrors.WriteBetween(Path.Combine(folder, "README.md"), "uploads", tables);
        File.WriteAllText(Path.Combine(folder, "uploads.json"), JsonSerializer.Serialize(new { machine, large = _large, many = _many }, Json) + "\n");
    }

    IEnumerable<string> Large()
    {
        if (_large.Count == 0)
            return [];
        LargeRun one = _large[0];
        double Median(Func<LargeRun, double> of) => Middle(_large.Select(of));
        string Speed(Func<LargeRun, double> seconds) => Text(Median(run => run.Megabytes / seconds(run)), "F0");
        return
        [
            $"| {Text(one.Megabytes, "F0")} MB of updates at once | median |", "| --- | ---: |",
            $"| uploaded, MB/s | {Speed(run => run.Seconds)} |",
            $"| file copy, {Environment.ProcessorCount} threads, MB/s | {Speed(run => run.Copy.Seconds)} |",
            $"| file copy, every file forced to the disk, {Environment.ProcessorCount} threads, MB/s | {Speed(run => run.FlushedCopy.Seconds)} |",
            $"| SHA-256, {Environment.ProcessorCount} threads, MB/s | {Speed(run => run.Digest.Seconds)} |",
            $"| bare sockets: received, digested, written, forced to the disk, MB/s | {Speed(run => run.Bare.Seconds)} |",
            $"| uploads against the slower of copy and SHA-256 | {Text(Median(run => run.Ratio), "F2")} |",
            $"| uploads against the slower of forced copy and SHA-256 | {Text(Median(run => run.FlushedRatio), "F2")} |",
            $"| uploads against bare sockets | {Text(Median(run => run.BareRatio), "F2")} |",
            $"| processor time of forced copy and SHA-256 together against the server's | {Text(Median(run => run.ProcessorRatio), "F2")} |",
            $"| MB per second of the server's processor time | {Speed(run => run.ServerProcessorSeconds)} |",
            $"| the same of the trainers' processor time | {Speed(run => run.TrainersProcessorSeconds)} |",
            $"| the same of the processor time of the receiver of bare sockets | {Speed(run => run.Bare.ProcessorSeconds)} |",
            $"| peak memory of the server meanwhile, MB | {Text(Median(run => run.PeakBytes / 1e6), "F0")} |",
            $"| small requests meanwhile, median, ms | {Text(Median(run => run.SmallMedian), "F0")} |",
            $"| small requests meanwhile, p99, ms | {Text(Median(run => run.Small99), "F0")} |",
            "",
        ];
    }

    IEnumerable<string> Many()
    {
        if (_many.Count == 0)
            return [];
        double Median(Func<ManyRun, double> of) => Middle(_many.Select(of));
        return
        [
            $"| {_many[0].Participants} participants with updates of {_many[0].UpdateBytes} bytes | median |", "| --- | ---: |",
            $"| create, enrol, open, s | {Text(Median(run => run.EnrolSeconds), "F2")} |",
            $"| upload, s | {Text(Median(run => run.UploadSeconds), "F2")} |",
            $"| updates per second | {Text(Median(run => run.Participants / run.UploadSeconds), "F0")} |",
            $"| server's processor time per update, ms | {Text(Median(run => 1e3 * run.ServerProcessorSeconds / run.Participants), "F2")} |",
            $"| close, s | {Text(Median(run => run.CloseSeconds), "F2")} |",
            $"| peak memory of the server, MB | {Text(Median(run => run.PeakBytes / 1e6), "F0")} |",
            "",
        ];
    }

    static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
