using System.Diagnostics;
using FedValue.Ledger;
using FedValue.Protocol.Safetensors;

namespace FedValue.Benchmarks.Uploads;

/// <summary>Large updates of many at once, and small updates of very many, into a real server over loopback.</summary>
static class UploadBenchmark
{
    const int Runs = 3, LargeTrainers = 64, LargeWeights = 13_107_200, ManyTrainers = 2000, ManyWeights = 2500, ManyAtOnce = 64;
    const string Federation = "load";
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures; <c>--runs N</c>, <c>--large N</c> and <c>--many N</c> participants (0: not at all), <c>--write</c> the README.</summary>
    public static async Task RunAsync(string[] args)
    {
        int Option(string name, int value) => Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], null) : value;
        int runs = Option("--runs", Runs), large = Option("--large", LargeTrainers), many = Option("--many", ManyTrainers);
        var report = new UploadReport();
        for (int run = 0; run < runs; run++)
        {
            if (large > 0)
                report.Add(await LargeAsync(large));
            if (many > 0)
                report.Add(await ManyAsync(many));
        }
        report.Write(args.Contains("--write") ? SamplerErrors.Folder() : null);
    }

    static async Task<LargeRun> LargeAsync(int count)
    {
        byte[] file = Model(LargeWeights);
        UpdateBody[] updates = [.. Enumerable.Range(0, count).Select(k => new UpdateBody(file, k))];
        using ServerProcess server = await ServerProcess.StartAsync();
        using HttpClient http = Client(server);
        var (model, trainers) = await BeginAsync(http, file, count);
        long peakBefore = server.PeakMemory();
        server.ForgetPeak();
        double processorBefore = server.ProcessorSeconds();
        using var done = new CancellationTokenSource();
        TimeSpan trainersBefore = Yardsticks.ProcessorTime();
        Task<List<double>> small = SmallRequestsAsync(server, trainers[0], done.Token);
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(trainers.Select((trainer, k) => trainer.UploadAsync(model, updates[k])));
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double processor = server.ProcessorSeconds() - processorBefore;
        double trainersProcessor = (Yardsticks.ProcessorTime() - trainersBefore).TotalSeconds;
        long peak = server.PeakMemory();
        await done.CancelAsync();
        List<double> latencies = await small;
        string[] files = [.. Directory.EnumerateFiles(server.Folder, "*", SearchOption.AllDirectories)
            .Where(name => new FileInfo(name).Length == file.Length).Take(count)];
        string copies = Path.Combine(server.Folder, "copies");
        var measured = new LargeRun(
            count * (file.Length / 1e6), seconds, processor, trainersProcessor, peak, peakBefore,
            Percentile(latencies, 0.5), Percentile(latencies, 0.99), latencies.Count,
            Yardsticks.Copy(files, copies, flush: false), Yardsticks.Copy(files, copies, flush: true),
            Yardsticks.Digest(file, count), await BareSockets.RunAsync(updates, copies));
        Array.ForEach(trainers, trainer => trainer.Dispose());
        return measured;
    }

    static async Task<ManyRun> ManyAsync(int count)
    {
        byte[] file = Model(ManyWeights);
        using ServerProcess server = await ServerProcess.StartAsync();
        using HttpClient http = Client(server);
        var operate = new Operator(http, Federation);
        long began = Stopwatch.GetTimestamp();
        var (model, trainers) = await BeginAsync(http, file, count);
        double enrol = Stopwatch.GetElapsedTime(began).TotalSeconds;
        UpdateBody[] updates = [.. Enumerable.Range(0, count).Select(k => new UpdateBody(file, k))];
        double processorBefore = server.ProcessorSeconds();
        began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = ManyAtOnce },
            async (k, _) => await trainers[k].UploadAsync(model, updates[k]));
        double upload = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double processor = server.ProcessorSeconds() - processorBefore;
        began = Stopwatch.GetTimestamp();
        await operate.CloseRoundAsync();
        double close = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.ForEach(trainers, trainer => trainer.Dispose());
        return new ManyRun(count, file.Length, enrol, upload, processor, close, server.PeakMemory());
    }

    static async Task<(Digest Model, Trainer[] Trainers)> BeginAsync(HttpClient http, byte[] file, int count)
    {
        var operate = new Operator(http, Federation);
        var ledger = await operate.CreateAsync(file);
        Trainer[] trainers = [.. Enumerable.Range(0, count).Select(k => new Trainer(http, ledger, $"trainer-{k:D4}"))];
        await Parallel.ForEachAsync(trainers, new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (trainer, _) => await trainer.EnrolAsync(await operate.TokenAsync(trainer.Id)));
        return (await operate.OpenRoundAsync(), trainers);
    }

    static async Task<List<double>> SmallRequestsAsync(ServerProcess server, Trainer trainer, CancellationToken done)
    {
        var milliseconds = new List<double>();
        while (!done.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            await trainer.AskAsync();
            milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(Pause, CancellationToken.None);
        }
        return milliseconds;
    }

    static HttpClient Client(ServerProcess server) => new() { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(10) };

    static byte[] Model(int weights)
    {
        float[] values = [.. Enumerable.Range(0, weights).Select(i => ((i * 7919) % 1000 * 1e-4f) - 0.05f)];
        return SafetensorsWriter.Write([Tensor.OfSingles("weight", [weights], values)]);
    }

    static double Percentile(List<double> values, double share)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(share * values.Count))];
    }
}
