using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;

namespace FedValue.Client;

/// <summary>Something that happened, as it stands on the ledger.</summary>
/// <param name="Index">The entry's place.</param>
/// <param name="Type">Its type, for example <c>round-opened</c>.</param>
/// <param name="Entry">The exact text that is hashed.</param>
public sealed record FederationEvent(long Index, string Type, string Entry)
{
    /// <summary>The type of the last entry of a federation.</summary>
    public const string Closed = "federation-closed";

    /// <summary>The event that the text spells.</summary>
    /// <exception cref="LedgerFormatException">This version does not know it.</exception>
    public LedgerEvent Parse() => EventJson.Parse(System.Text.Encoding.UTF8.GetBytes(Entry));
}

/// <summary>
/// The Server-Sent Events of a ledger without gaps and doublets: a stream that is cut is resumed behind the last event that arrived, what came
/// twice is passed over, what was left out is read from the ledger.
/// </summary>
sealed class EventFeed(Connection connection, ClientOptions options, string federationPath, LedgerName ledger, LedgerView view)
{
    const int Ahead = 64; // the connection is read no further than this beyond what the caller took

    public async IAsyncEnumerable<FederationEvent> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<FederationEvent>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task pumping = PumpAsync(from, channel.Writer, stop.Token);
        try
        {
            await foreach (FederationEvent happened in channel.Reader.ReadAllAsync(cancellation))
                yield return happened;
        }
        finally
        {
            await stop.CancelAsync();
            await pumping;
        }
    }

    async Task PumpAsync(long from, ChannelWriter<FederationEvent> writer, CancellationToken cancellation)
    {
        try
        {
            long next = from;
            for (int idle = 0; ; idle++)
            {
                long before = next;
                bool ended = await connection.SendAsync((_, _) => Request(next, resumes: next != from), ledger, async (response, stall) =>
                {
                    using var body = new WatchedStream(await response.Content.ReadAsStreamAsync(stall.Token), stall);
                    try
                    {
                        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(stall.Token))
                        {
                            await foreach (FederationEvent happened in FilledAsync(item, next, cancellation))
                            {
                                await writer.WriteAsync(happened, cancellation);
                                next = happened.Index + 1;
                                if (happened.Type == FederationEvent.Closed)
                                    return true;
                            }
                        }
                    }
                    catch (Exception cut) when (next > before && !cancellation.IsCancellationRequested
                        && cut is IOException or HttpRequestException or OperationCanceledException)
                    {
                    }
                    return false;
                }, cancellation);
                if (ended)
                    break;
                idle = next > before ? -1 : idle;
                if (idle >= 0)
                    await Task.Delay(connection.Retries.Pause(idle), options.Clock, cancellation);
            }
            writer.Complete();
        }
        catch (Exception failure)
        {
            writer.Complete(failure);
        }
    }

    HttpRequestMessage Request(long next, bool resumes)
    {
        HttpRequestMessage request = connection.Request(HttpMethod.Get, FormattableString.Invariant($"{federationPath}/events?from={next}"));
        request.Headers.Accept.Add(new("text/event-stream"));
        if (resumes)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", FormattableString.Invariant($"{next - 1}"));
        return request;
    }

    /// <summary>An event behind those that the stream left out before it; nothing where it is an old one.</summary>
    async IAsyncEnumerable<FederationEvent> FilledAsync(SseItem<string> item, long next, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!long.TryParse(item.EventId, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long index))
        {
            throw new FederationException(
                $"The server sent an event that is not in the protocol: its id must be the entry's index, but '{item.EventId}' came.");
        }
        for (; next < index; next++)
        {
            (string entry, _) = await view.EntryAsync(next, cancellation);
            yield return new FederationEvent(next, TypeOf(entry), entry);
        }
        if (index == next)
            yield return new FederationEvent(index, item.EventType, item.Data);
    }

    static string TypeOf(string entry)
    {
        using var json = JsonDocument.Parse(entry);
        return json.RootElement.GetProperty("type").GetString() ?? "";
    }
}
