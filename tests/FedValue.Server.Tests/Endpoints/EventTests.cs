using System.Globalization;
using System.Security.Cryptography;
using FedValue.Ledger.Signing;
using FedValue.Server.Http;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed class EventTests
{
    [Fact]
    public async Task Entries_stream_as_they_come_and_resume_behind_the_last_one_seen()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { HeartbeatSeconds = 0.1 });
        Trainer trainer = (await lab.FederateAsync("events", 2))[0];
        string[] entries = await lab.EntriesAsync("events");

        using Subscription all = await Subscription.OpenAsync(lab, trainer, "?from=0"), live = await Subscription.OpenAsync(lab, trainer, "");
        for (int i = 0; i < entries.Length; i++)
        {
            (long id, string type, string data) = await all.NextAsync();
            Assert.Equal((i, entries[i]), (id, data));
            Assert.Equal(i == 0 ? "federation-created" : "participant-enrolled", type);
        }
        await lab.OpenRoundAsync("events");
        Assert.Equal((3, "round-opened"), Short(await all.NextAsync()));
        Assert.Equal((3, "round-opened"), Short(await live.NextAsync()));
        // Whoever is told of an entry finds the state that it made.
        Assert.Equal("open", (string)(await trainer.GetAsync("rounds/current")).Json!["status"]!);
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
        Assert.Equal((4, "update-accepted"), Short(await live.NextAsync()));
        Assert.True(live.Heartbeats + all.Heartbeats > 0);

        using Subscription resumed = await Subscription.OpenAsync(lab, trainer, "?from=0", lastId: "2");
        Assert.Equal((3, "round-opened"), Short(await resumed.NextAsync()));
        Assert.Equal((4, "update-accepted"), Short(await resumed.NextAsync()));

        static (long, string) Short((long Id, string Type, string Data) seen) => (seen.Id, seen.Type);
    }

    [Fact]
    public async Task Streams_are_bounded_and_end_with_the_server()
    {
        Lab lab = await Lab.StartAsync(new ServerLimits { EventStreamsPerParticipant = 1, EventStreams = 2 });
        await using (lab)
        {
            IReadOnlyList<Trainer> trainers = await lab.FederateAsync("bounded", 3);
            using Subscription first = await Subscription.OpenAsync(lab, trainers[0], "");
            (await trainers[0].GetAsync("events")).Is(429);
            using Subscription second = await Subscription.OpenAsync(lab, trainers[1], "");
            (await trainers[2].GetAsync("events")).Is(503);
            (await trainers[2].GetAsync("events?from=x")).Is(400);
            await lab.Server.DisposeAsync();
            while (await first.LineAsync() is { } line)
                Assert.True(line is "" or ":"); // only heartbeats, then the end
        }
    }

    [Fact]
    public async Task A_stream_ends_with_the_key_that_asked_for_it()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("ends", 2);
        using Subscription first = await Subscription.OpenAsync(lab, trainers[0], ""), second = await Subscription.OpenAsync(lab, trainers[1], "");
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/ends/participants/t1/key")).Is(200);
        Assert.Equal("key-revoked", (await second.NextAsync()).Type);
        await EndsAsync(first, "key-revoked");

        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string key = ParticipantKey.Text(next);
        string signature = Convert.ToBase64String(ParticipantKey.Sign(trainers[1].Key, Statements.Key(trainers[1].Ledger, "t2", key)));
        (await lab.SendAsync(HttpMethod.Put, "/federations/ends/participants/t2/key",
            Lab.Json($$"""{"publicKey":"{{key}}","signature":"{{signature}}"}"""))).Is(200);
        await EndsAsync(second, "key-replaced");
        await lab.OpenRoundAsync("ends");

        // A stream of the new key goes past the end of the old one.
        trainers[1].Key = next;
        using Subscription again = await Subscription.OpenAsync(lab, trainers[1], "?from=3");
        Assert.Equal("key-revoked", (await again.NextAsync()).Type);
        Assert.Equal("key-replaced", (await again.NextAsync()).Type);
        Assert.Equal("round-opened", (await again.NextAsync()).Type);

        static async Task EndsAsync(Subscription stream, string last)
        {
            Assert.Equal(last, (await stream.NextAsync()).Type);
            await Assert.ThrowsAsync<EndOfStreamException>(stream.NextAsync);
        }
    }

    /// <summary>An open event stream, read as any client would.</summary>
    sealed class Subscription(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public int Heartbeats { get; private set; }

        public static async Task<Subscription> OpenAsync(Lab lab, Trainer trainer, string query, string? lastId = null)
        {
            string path = $"/federations/{trainer.Ledger.Federation}/events{query}";
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", trainer.Authorization("GET", path));
            if (lastId is not null)
                request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
            HttpResponseMessage response = await lab.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new Subscription(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        public async Task<(long Id, string Type, string Data)> NextAsync()
        {
            (long id, string type, string data) = (-1, "", "");
            while (await LineAsync() is { } line)
            {
                if (line is "" && data != "")
                    return (id, type, data);
                if (line.StartsWith(':'))
                    Heartbeats++;
                else if (line.StartsWith("id: ", StringComparison.Ordinal))
                    id = long.Parse(line[4..], CultureInfo.InvariantCulture);
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                    type = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = line[6..];
            }
            throw new EndOfStreamException("The stream ended before an event came.");
        }

        public async Task<string?> LineAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            return await reader.ReadLineAsync(patience.Token);
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
