using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using FedValue.Benchmarks.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Benchmarks.Uploads;

/// <summary>A model of several GB through a whole round: created, uploaded twice, closed, downloaded, there after a restart, audited.</summary>
static class LargeModelBenchmark
{
    const double GibDefault = 2.5;
    const int Columns = 1024, TrainersDefault = 2;
    const string Federation = "large";

    /// <summary>One step: how long it took, the server's peak memory and how much of that was not mapped files, in bytes.</summary>
    sealed record Step(string Name, double Seconds, long Peak, long Own);

    /// <summary>
    /// Measures once; <c>--gib N</c> of weights, <c>--trainers N</c>, <c>--rounds N</c>, <c>--aggregator NAME</c>, <c>--bounded</c> norms,
    /// <c>--write</c> the README.
    /// </summary>
    public static async Task RunAsync(string[] args)
    {
        double Option(string name, double value) =>
            Array.IndexOf(args, name) is >= 0 and var at ? double.Parse(args[at + 1], CultureInfo.InvariantCulture) : value;
        double gib = Option("--gib", GibDefault);
        int count = (int)Option("--trainers", TrainersDefault), rounds = (int)Option("--rounds", 1);
        string aggregator = Array.IndexOf(args, "--aggregator") is >= 0 and var named ? args[named + 1] : "fedavg";
        string bound = args.Contains("--bounded") ? ",\"normLimit\":1e30" : "";
        IBlobContent model = Model(gib, trainer: 0);
        var steps = new List<Step>();
        ServerProcess server = await ServerProcess.StartAsync();
        try
        {
            using (var http = Client(server))
            {
                var operate = new Operator(http, Federation);
                Trainer[] trainers = [];
                steps.Add(await MeasureAsync("idle, before", server.Id, () => Task.Delay(1000)));
                await MeasureAsync(steps, "create the federation", server, async () =>
                {
                    var ledger = await operate.CreateAsync(Body(model), """["batches"]""", aggregator, bound);
                    trainers = [.. Enumerable.Range(1, count).Select(k => new Trainer(http, ledger, $"trainer-{k}"))];
                });
                foreach (Trainer trainer in trainers)
                    await trainer.EnrolAsync(await operate.TokenAsync(trainer.Id));
                Digest next = await operate.OpenRoundAsync();
                for (int round = 1; round <= rounds; round++)
                {
                    Digest start = next;
                    IBlobContent[] updates = [.. trainers.Select((_, k) => Model(gib, (count * (round - 1)) + k + 1))];
                    Digest[] digests = [.. updates.Select(update => update.Digest())];
                    await MeasureAsync(steps, $"{count} uploads at once", server, () => Task.WhenAll(
                        trainers.Select((trainer, k) => trainer.UploadAsync(start, digests[k], Body(updates[k]), round))));
                    await MeasureAsync(steps, "close: aggregate, value, pay", server, () => operate.CloseRoundAsync(round));
                    next = await operate.OpenRoundAsync();
                }
                await MeasureAsync(steps, "download the new model", server, async () =>
                {
                    (Digest came, long length) = await operate.DownloadAsync(next);
                    if (came != next || length != model.Length || next == model.Digest())
                        throw new InvalidOperationException("What was downloaded is not the model of the next round.");
                });
                Array.ForEach(trainers, trainer => trainer.Dispose());
            }
            long began = Stopwatch.GetTimestamp();
            server = await server.AgainAsync();
            using (var http = Client(server))
            {
                if ((int)(await new Operator(http, Federation).AboutAsync())["round"]!["round"]! != rounds + 1)
                    throw new InvalidOperationException("After its restart the server is not in the round that was open.");
            }
            steps.Add(new Step(
                "start the server again", Stopwatch.GetElapsedTime(began).TotalSeconds, server.PeakMemory(),
                ServerProcess.Status(server.Id, "RssAnon:")));
            server.End();
            steps.Add(await AuditAsync(Path.Combine(server.Folder, "data", "federations", Federation)));
        }
        finally
        {
            Directory.Delete(server.Folder, recursive: true);
        }
        Write(steps, model.Length, args.Contains("--write") ? SamplerErrors.Folder() : null);
    }

    static async Task MeasureAsync(List<Step> steps, string name, ServerProcess server, Func<Task> work)
    {
        server.ForgetPeak();
        steps.Add(await MeasureAsync(name, server.Id, work));
        Console.WriteLine(steps[^1]);
    }

    static async Task<Step> MeasureAsync(string name, int process, Func<Task> work)
    {
        await using var watch = new MemoryWatch(process);
        long began = Stopwatch.GetTimestamp();
        await work();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (long own, long peak) = await watch.EndAsync();
        return new Step(name, seconds, peak, own);
    }

    static async Task<Step> AuditAsync(string folder)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "fedvalue.dll");
        using Process audit = Process.Start(new ProcessStartInfo("dotnet", [program, "audit", folder, "--recompute"]))!;
        Step step = await MeasureAsync("`fedvalue audit --recompute`, a process of its own", audit.Id, () => audit.WaitForExitAsync());
        return audit.ExitCode == 0 ? step : throw new InvalidOperationException($"The audit ended with {audit.ExitCode}.");
    }

    static void Write(List<Step> steps, long length, string? folder)
    {
        string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        string table = string.Join('\n',
        [
            $"{KernelBenchmark.Machine()}. A model of {Text(length, "N0")} bytes, once.", "",
            "| step | s | peak memory, MB | of it not mapped files, MB |", "| --- | ---: | ---: | ---: |",
            .. steps.Select(step =>
                $"| {step.Name} | {Text(step.Seconds, "F1")} | {Text(step.Peak / 1e6, "F0")} | {Text(step.Own / 1e6, "F0")} |"),
            "",
        ]);
        Console.Write(table);
        if (folder is not null)
            SamplerErrors.WriteBetween(Path.Combine(folder, "README.md"), "large-model", table);
    }

    static HttpClient Client(ServerProcess server) => new() { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };

    static StreamContent Body(IBlobContent content)
    {
        var body = new StreamContent(content.OpenRead(), 1 << 18);
        body.Headers.ContentLength = content.Length;
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return body;
    }

    /// <summary>Nine tenths of the weights are one tensor; a counter lies behind them.</summary>
    static SafetensorsContent Model(double gib, int trainer)
    {
        long rows = (long)(gib * (1L << 30)) / sizeof(float) / Columns, large = rows * 9 / 10;
        return new SafetensorsContent(
        [
            new Pattern("embedding.weight", [large, Columns], trainer), new Pattern("head.weight", [rows - large, Columns], trainer),
            TensorSource.Of(Tensor.OfInt64s("batches", [], [trainer])),
        ]);
    }

    /// <summary>Weights that nobody needs to hold: 1,000 numbers over and over, a little moved by each trainer.</summary>
    sealed class Pattern(string name, long[] shape, int trainer) : TensorSource(name, TensorType.F32, [.. shape])
    {
        readonly float[] _numbers =
            [.. Enumerable.Range(0, 1000).Select(i => ((i * 7919) % 1000 * 1e-4f) - 0.05f + (trainer * 1e-3f * ((i * 31 % 7) - 3 + trainer)))];

        public override void Read(long at, Span<byte> destination)
        {
            long first = at / sizeof(float);
            for (int i = 0; i < destination.Length / sizeof(float); i++)
                BitConverter.TryWriteBytes(destination[(i * sizeof(float))..], _numbers[(int)((first + i) % _numbers.Length)]);
        }
    }
}
