using FedValue.Ledger.Events;
using FedValue.Orleans.Messages;
using Orleans.Runtime;
using Orleans.Streams;

namespace FedValue.Orleans.Hosting;

/// <summary>The streams of a federation, keyed by its name. They carry notes of what happened, never the thing itself.</summary>
public static class FederationStreams
{
    /// <summary>The stream provider's name.</summary>
    public const string Provider = "fedvalue";

    /// <summary>A note for every entry.</summary>
    public const string Entries = "fedvalue.entry-appended";

    /// <summary>A note for every accepted update.</summary>
    public const string Updates = "fedvalue.update-accepted";

    /// <summary>A note for every round that was aggregated.</summary>
    public const string Rounds = "fedvalue.round-closed";

    /// <summary>The streams that hear of an event.</summary>
    internal static IEnumerable<string> Of(LedgerEvent ledgerEvent) => ledgerEvent switch
    {
        UpdateAccepted => [Updates, Entries],
        RoundAggregated => [Rounds, Entries],
        _ => [Entries],
    };

    internal static IAsyncStream<EntryNote> Stream(this IStreamProvider provider, string name, string federation) =>
        provider.GetStream<EntryNote>(StreamId.Create(name, federation));
}
