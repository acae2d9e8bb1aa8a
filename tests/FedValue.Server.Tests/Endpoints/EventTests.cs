using System.Globalization;
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
