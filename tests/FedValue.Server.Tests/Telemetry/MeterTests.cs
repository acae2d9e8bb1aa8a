using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using FedValue.Ledger;
using FedValue.Server.Telemetry;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Telemetry;

[Collection("telemetry")]
public sealed class MeterTests
{
    static readonly string[] Instruments =
    [
        "fedvalue.event_stream.active {stream}",
        "fedvalue.ledger.append.duration s",
        "fedvalue.ledger.appends {entry}",
        "fedvalue.ledger.size {entry}",
        "fedvalue.round.duration s",
        "fedvalue.update.age s",
        "fedvalue.upload.received By",
        "fedvalue.upload.refused {update}",
        "fedvalue.valuation.duration s",
        "fedvalue.valuation.evaluations {evaluation}",
    ];

    [Fact]
    public async Task Two_rounds_give_these_figures_and_no_others_and_no_tag_names_anybody()
    {
        await using Lab lab = await Lab.StartAsync();
        using var figures = new Figures(lab.Server.Telemetry.Meter);
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("metered", 3, ""","schedule":{"rounds":2,"participants":3}""");
        long bytes = 0;
        for (int round = 1; round <= 2; round++)
        {
            await lab.WaitAsync("metered", r => (string?)r["status"] == "open" && (int?)r["round"] == round);
            (int number, Digest model) = await trainers[0].RoundAsync();
            (await trainers[0].SubmitAsync(number + 5, model, Trainer.Update(1))).Is(409, "wrong-round");
            (await trainers[0].SubmitAsync(number, model, Trainer.Update(float.NaN))).Is(422, "not-finite");
            bytes += Trainer.Update(0).Length;
            foreach (Trainer trainer in trainers)
            {
                byte[] update = Trainer.Update(round + trainer.Id[1] * 0.1f);
                (await trainer.SubmitAsync(number, model, update)).Is(200);
                bytes += update.Length;
                if (trainer == trainers[0])
                    (await trainer.SubmitAsync(number, model, update)).Is(200); // the same again is no other update and is not read
            }
        }
        await lab.WaitAsync("metered", r => (string?)r["status"] == "closed");
        JsonNode contributions = (await lab.OperateAsync(HttpMethod.Get, "/federations/metered/contributions")).Is(200).Json!;
        Assert.Equal(2, (int)contributions["roundsPaid"]!);
        string[] entries = await lab.EntriesAsync("metered");

        Assert.Equal(Instruments, figures.Published);
        Assert.Equal(2, figures.Of("fedvalue.round.duration").Count);
        Assert.All(figures.Of("fedvalue.round.duration"), f => Assert.InRange(f.Value, 0, 60));
        Assert.Equal(6, figures.Of("fedvalue.update.age").Count);
        Assert.All(figures.Of("fedvalue.update.age"), f => Assert.InRange(f.Value, 0, 60));
        Assert.Equal(bytes, figures.Of("fedvalue.upload.received").Sum(f => f.Value));
        Assert.Equal(["not-finite", "not-finite", "wrong-round", "wrong-round"], figures.Tags("fedvalue.upload.refused", "fedvalue.reason"));
        Assert.Equal(["exact", "exact"], figures.Tags("fedvalue.valuation.duration", "fedvalue.method"));
        Assert.Equal(["exact", "exact"], figures.Tags("fedvalue.valuation.evaluations", "fedvalue.method"));
        Assert.Equal(Evaluations(entries), figures.Of("fedvalue.valuation.evaluations").Sum(f => f.Value));
        Assert.Equal(entries.Length, figures.Of("fedvalue.ledger.appends").Sum(f => f.Value));
        Assert.InRange(figures.Of("fedvalue.ledger.append.duration").Count, 10, entries.Length);
        figures.Observe();
        Assert.Equal(entries.Length, Assert.Single(figures.Of("fedvalue.ledger.size")).Value);

        Assert.All(figures.All, f => Assert.True(f.Tags.Length == (f.Name is "fedvalue.upload.refused" || f.Name.Contains("valuation") ? 1 : 0)));
        Assert.Equal(
            ["exact", "not-finite", "wrong-round"],
            figures.All.SelectMany(f => f.Tags).Select(tag => (string)tag.Value!).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Open_event_streams_are_counted_until_they_end()
    {
        await using Lab lab = await Lab.StartAsync(new FedValue.Server.Http.ServerLimits { HeartbeatSeconds = 0.05 });
        using var figures = new Figures(lab.Server.Telemetry.Meter);
        Trainer trainer = (await lab.FederateAsync("streams", 2))[0];
        const string Path = "/federations/streams/events";
        using (var request = new HttpRequestMessage(HttpMethod.Get, Path))
        {
            request.Headers.TryAddWithoutValidation("Authorization", trainer.Authorization("GET", Path));
            using HttpResponseMessage response = await lab.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(1, Streams());
        }
        for (int attempt = 0; attempt < 200 && Streams() > 0; attempt++)
            await Task.Delay(25);
        Assert.Equal(0, Streams());

        double Streams() => figures.Of("fedvalue.event_stream.active").Sum(f => f.Value);
    }

    [Fact]
    public async Task A_round_that_was_open_before_a_restart_still_has_an_age()
    {
        using var folder = new FedValue.Tests.Support.TemporaryFolder();
        IReadOnlyList<Trainer> trainers;
        await using (Lab before = await Lab.StartAsync(folder.Path))
        {
            trainers = await before.FederateAsync("aged", 2);
            await before.OpenRoundAsync("aged");
        }
        await using Lab lab = await Lab.StartAsync(folder.Path, clock: new ShiftedClock { Shift = TimeSpan.FromMinutes(10) });
        using var figures = new Figures(lab.Server.Telemetry.Meter);
        JsonNode round = (await lab.OperateAsync(HttpMethod.Get, "/federations/aged/rounds/current")).Is(200).Json!;
        using HttpRequestMessage request = trainers[0].Request(1, Digest.Parse((string)round["model"]!), Trainer.Update(1));
        using HttpResponseMessage response = await lab.Http.SendAsync(request);
        (await Answer.OfAsync(response)).Is(200);
        Assert.InRange(Assert.Single(figures.Of("fedvalue.update.age")).Value, 600, 660);
    }

    [Fact]
    public async Task Nobody_listens_where_no_endpoint_is_named()
    {
        await using Lab lab = await Lab.StartAsync();
        var enabled = new List<string>();
        using (var asks = new MeterListener())
        {
            asks.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == lab.Server.Telemetry.Meter && instrument.Enabled)
                    enabled.Add(instrument.Name);
            };
            asks.Start();
        }
        Assert.Empty(enabled);
        Assert.False(lab.Server.Telemetry.Source.HasListeners());
        Assert.Equal(new OtlpTargets(false, false), OtlpTargets.Of(_ => null));
    }

    static long Evaluations(string[] entries) => entries.Select(entry => JsonNode.Parse(entry)!)
        .Where(entry => (string?)entry["type"] == "round-valued")
        .Sum(entry => entry["valuations"]!.AsArray().Sum(valuation => (long)valuation!["evaluations"]!));

    /// <summary>What one meter said.</summary>
    sealed class Figures : IDisposable
    {
        readonly MeterListener _listener = new();
        readonly ConcurrentQueue<Figure> _all = [];
        readonly SortedSet<string> _published = new(StringComparer.Ordinal);

        public Figures(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter != meter)
                    return;
                _published.Add($"{instrument.Name} {instrument.Unit}");
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => _all.Enqueue(new Figure(i.Name, value, [.. tags])));
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => _all.Enqueue(new Figure(i.Name, value, [.. tags])));
            _listener.Start();
        }

        public IEnumerable<string> Published => _published;

        public IEnumerable<Figure> All => _all;

        public IReadOnlyList<Figure> Of(string name) => [.. _all.Where(figure => figure.Name == name)];

        public string[] Tags(string name, string tag) =>
            [.. Of(name).Select(f => (string)Assert.Single(f.Tags, t => t.Key == tag).Value!).Order(StringComparer.Ordinal)];

        public void Observe() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();
    }

    sealed record Figure(string Name, double Value, KeyValuePair<string, object?>[] Tags);
}
