using System.Globalization;
using System.Text;
using System.Text.Json;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using FedValue.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace FedValue.Server.Endpoints;

/// <summary>
/// Ledger entries as Server-Sent Events. A subscriber is a place in the ledger, not a queue: it reads what it has not sent yet from the store, as
/// fast as its connection takes it, and sleeps until the ledger grows. It ends with the key that asked for it: whoever has another one asks again.
/// </summary>
sealed class EventStream(
    FederationRegistry registry, AccessControl access, ServerLimits limits, IHostApplicationLifetime lifetime, ServerTelemetry telemetry)
{
    const int RetryAfter = 5, BatchMax = 1000;

    static readonly byte[] Heartbeat = ":\n\n"u8.ToArray();

    readonly ConcurrencyGate _gate = new("event streams", limits.EventStreamsPerParticipant, limits.EventStreams, RetryAfter);

    public void Map(IEndpointRouteBuilder routes) =>
        routes.Get("/federations/{federation}/events", StreamAsync)
            .Sends("Ledger entries as they come; Last-Event-ID resumes.", "text/event-stream", 400, 401, 403, 404).ForReaders()
            .Query("from", Fields.Whole(0), "The entry to begin with; left out: what comes next.")
            .Header("Last-Event-ID", Fields.Whole(0), "The last entry that was seen: the stream goes on behind it, whatever 'from' says.");

    async Task<IResult> StreamAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        Reader reader = await access.RequireReaderAsync(http, federation);
        long next = FirstOf(http.Request) ?? federation.Feed.Size;
        using IDisposable place = _gate.Enter($"{federation.Name}/{reader.Name}"), counted = telemetry.EventStream();
        http.Response.ContentType = "text/event-stream";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await http.Response.Body.WriteAsync(Heartbeat, ends.Token);
            await http.Response.Body.FlushAsync(ends.Token);
            while (true)
            {
                (next, bool isLast) = await SendAsync(http.Response, federation, reader, next, ends.Token);
                if (isLast)
                    return TypedResults.Empty;
                if (!await GrownAsync(federation.Feed, next, ends.Token))
                    await http.Response.Body.WriteAsync(Heartbeat, ends.Token);
                await http.Response.Body.FlushAsync(ends.Token);
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The subscriber left or the server stops; it comes back with the last id it has seen.
            return TypedResults.Empty;
        }
    }

    /// <summary>Sends what is there, and says whether that was all that this reader may see: up to the end of its key.</summary>
    static async Task<(long Next, bool IsLast)> SendAsync(
        HttpResponse response, HostedFederation federation, Reader reader, long next, CancellationToken cancellation)
    {
        // The key is looked at after the size, so it held when the entries that follow were written, and often enough for a slow subscriber.
        long size = federation.Feed.Size;
        size = size - next > BatchMax ? next + BatchMax : size;
        bool isLast = !reader.IsOperator
            && (await federation.Host.StateAsync(cancellation)).Keys.GetValueOrDefault(reader.Participant!) != reader.Key;
        if (next >= size)
            return (next, isLast);
        await foreach (LedgerEntry entry in federation.Ledger.ReadAsync(next, cancellation))
        {
            // Entries are announced once the state knows of them; a subscriber that asks on must not find an older one.
            if (entry.Index >= size)
                break;
            await response.Body.WriteAsync(Event(entry), cancellation);
            next = entry.Index + 1;
            if (isLast && EndsKeyOf(reader.Participant!, EventJson.Parse(entry.Bytes.Span)))
                break;
        }
        await response.Body.FlushAsync(cancellation);
        return (next, isLast);
    }

    static bool EndsKeyOf(string participant, LedgerEvent entry) => entry switch
    {
        KeyReplaced replaced => replaced.Participant == participant,
        KeyRevoked revoked => revoked.Participant == participant,
        _ => false,
    };

    async Task<bool> GrownAsync(LedgerFeed feed, long next, CancellationToken cancellation)
    {
        using var heartbeat = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        heartbeat.CancelAfter(TimeSpan.FromSeconds(limits.HeartbeatSeconds));
        try
        {
            await feed.WaitBeyondAsync(next, heartbeat.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>An entry is compact JSON, so it is one line.</summary>
    static byte[] Event(LedgerEntry entry)
    {
        using JsonDocument json = JsonDocument.Parse(entry.Bytes);
        string type = json.RootElement.GetProperty("type").GetString()!;
        return [.. Encoding.UTF8.GetBytes($"id: {entry.Index}\nevent: {type}\ndata: "), .. entry.Bytes.Span, (byte)'\n', (byte)'\n'];
    }

    static long? FirstOf(HttpRequest request)
    {
        string last = request.Headers["Last-Event-ID"].ToString();
        if (last == "")
            return request.Whole("from", 0, long.MaxValue);
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long index) && index < long.MaxValue
            ? index + 1
            : throw Problems.Field("Last-Event-ID", "the index of an entry", last);
    }
}
