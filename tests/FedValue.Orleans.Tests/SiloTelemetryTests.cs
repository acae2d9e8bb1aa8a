using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Server.Telemetry;
using FedValue.Server.Tests.Support;

namespace FedValue.Orleans.Tests;

/// <summary>Spans and figures of a silo. Listeners hear the whole process, so nothing else runs beside these tests.</summary>
[Collection(Alone)]
public sealed class SiloTelemetryTests
{
    const string Alone = "alone", Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Definition;

    [Fact]
    public async Task One_trace_runs_from_an_upload_through_the_grains_to_the_ledger()
    {
        using var spans = new Spans(await SourcesAsync());
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("traced", 1))[0];
        for (int round = 1; round <= 2; round++)
        {
            await lab.OpenRoundAsync("traced");
            (int number, Digest model) = await trainer.RoundAsync();
            var trace = ActivityTraceId.CreateRandom();
            var client = ActivitySpanId.CreateRandom();
            (await trainer.SubmitAsync(number, model, Trainer.Update(round), r => r.Headers.Add("traceparent", $"00-{trace}-{client}-01"))).Is(200);
            IReadOnlyList<Activity> all = await spans.WholeAsync(trace, Request);
            Assert.All(all, span => Assert.True(
                span.ParentSpanId == client || all.Any(other => other.SpanId == span.ParentSpanId), $"Nothing is above {span.OperationName}."));
            // Each call of a grain is one span at who calls and one at who is called.
            Assert.Equal(
                [Request, "upload", "IParticipantGrain/SubmitAsync", "IParticipantGrain/SubmitAsync", "ILedgerGrain/AppendAsync",
                    "ILedgerGrain/AppendAsync", "ledger append"],
                spans.PathTo(all.Single(span => span.OperationName == "ledger append")));
            Assert.Equal(2, all.Count(span => span.OperationName == "IParticipantGrain/WantsAsync"));
            Assert.Contains(all, span => span.OperationName == "update intake");
            // The first upload wakes the participant's grain.
            Assert.Equal(round == 1, all.Any(span => span.OperationName == "activate grain" && IsOf(span, "participant/traced")));
            await lab.OperateAsync(HttpMethod.Post, $"/federations/traced/rounds/{number}/close");
            await lab.WaitAsync("traced", r => (int)r["roundsPaid"]! == number);
        }
        static bool IsOf(Activity span, string grain) =>
            ((string?)span.GetTagItem("orleans.grain.id"))?.StartsWith(grain, StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task The_trace_of_a_close_holds_the_work_that_grains_begin_and_the_calls_that_write_it_down()
    {
        using var spans = new Spans(await SourcesAsync());
        await using SiloHosting silo = await StartAsync();
        await using IFederationHost host = await OpenAsync(silo);
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        await host.SubmitAsync(TinyFederation.Submission("a", 1));
        using var source = new ActivitySource(Spans.OwnSource);
        ActivityTraceId trace;
        using (Activity close = source.StartActivity("close")!)
        {
            trace = close.TraceId;
            await host.CloseRoundAsync();
        }
        IReadOnlyList<Activity> all = await spans.WholeAsync(trace, "close");
        foreach (string name in new[] { "round aggregation", "round valuation", "ILedgerGrain/AppendAsync", "ILedgerGrain/SettleAsync" })
            Assert.Contains(all, span => span.OperationName == name);
        Assert.Equal(
            ["exact", "permutation", "cosine"],
            all.Where(span => span.OperationName == "valuation method").Select(span => (string)span.GetTagItem("fedvalue.method")!));
    }

    [Fact]
    public async Task What_is_joined_is_silent_when_nothing_happens_and_every_other_source_is_known()
    {
        using var spans = new Spans(await SourcesAsync());
        await using SiloHosting silo = await StartAsync();
        await using IFederationHost host = await OpenAsync(silo);
        await TinyFederation.BeginAsync(host);
        await Task.Delay(1000); // what streams bring about is over
        spans.Forget();
        await Task.Delay(1500);
        Assert.Equal([], spans.All.Select(span => $"{span.Source.Name}: {span.OperationName}"));
        // Runtime polls streams and timers, some 200 spans a second; nobody uses durable jobs. Another version may have more to choose from.
        Assert.Equal(
            [.. silo.ActivitySources.Concat(["Microsoft.Orleans.DurableJobs", "Microsoft.Orleans.Runtime"]).Order(StringComparer.Ordinal)],
            spans.Sources.Where(name => name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_meter_of_the_silo_measures_calls_of_grains()
    {
        await using SiloHosting silo = await StartAsync();
        var measured = new ConcurrentDictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (silo.Meters.Contains(instrument.Meter.Name))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => measured.TryAdd(instrument.Name, 1));
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => measured.TryAdd(instrument.Name, 1));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => measured.TryAdd(instrument.Name, 1));
        listener.Start();
        await using (IFederationHost host = await OpenAsync(silo))
            await TinyFederation.BeginAsync(host);
        listener.RecordObservableInstruments();
        Assert.Contains("orleans-app-requests-latency", measured.Keys);
        Assert.Contains("orleans-catalog-activations", measured.Keys);
    }

    static Task<SiloHosting> StartAsync() =>
        SiloHosting.StartAsync(threads: 1, new FixedClock(), UnderTest.FreePort(), UnderTest.FreePort());

    static Task<IFederationHost> OpenAsync(SiloHosting silo) => silo.OpenAsync(
        "measured", new InMemoryLedgerStore(), new InMemoryBlobStore(), 1, new FixedClock(), _ => { }, CancellationToken.None);

    /// <summary>What a server on a silo sends.</summary>
    static async Task<IReadOnlyList<string>> SourcesAsync()
    {
        await using SiloHosting silo = await StartAsync();
        return [ServerTelemetry.Name, RoundTracing.SourceName, "Microsoft.AspNetCore", .. silo.ActivitySources];
    }

    /// <summary>The spans of some sources that have ended.</summary>
    sealed class Spans : IDisposable
    {
        public const string OwnSource = "test";

        readonly ConcurrentQueue<Activity> _ended = [];
        readonly ConcurrentDictionary<string, int> _sources = [];
        readonly ActivityListener _listener;

        public Spans(IReadOnlyList<string> sources)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source =>
                {
                    _sources.TryAdd(source.Name, 1);
                    return source.Name == OwnSource || sources.Contains(source.Name);
                },
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IEnumerable<Activity> All => _ended;

        /// <summary>The names of all sources there are, listened to or not.</summary>
        public IEnumerable<string> Sources => _sources.Keys;

        public void Forget() => _ended.Clear();

        /// <summary>A trace whose first span has ended; what it brought about may end a little later.</summary>
        public async Task<IReadOnlyList<Activity>> WholeAsync(ActivityTraceId trace, string first)
        {
            Activity[] Now() => [.. _ended.Where(span => span.TraceId == trace).OrderBy(span => span.StartTimeUtc)];
            for (int attempt = 0; attempt < 400 && Now().All(span => span.OperationName != first); attempt++)
                await Task.Delay(25);
            await Task.Delay(300);
            return Now();
        }

        /// <summary>The names of the spans from the first one of a trace to this one.</summary>
        public IReadOnlyList<string> PathTo(Activity span)
        {
            var path = new List<string>();
            for (Activity? at = span; at is not null; at = _ended.FirstOrDefault(other => other.SpanId == at.ParentSpanId))
                path.Insert(0, at.OperationName);
            return path;
        }

        public void Dispose() => _listener.Dispose();
    }
}
