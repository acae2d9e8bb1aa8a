using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>Looks for what the fold has forgotten: it keeps the open round only.</summary>
public static class LedgerSearch
{
    const int Page = 256;

    /// <summary>How many entries are looked at: whoever asks again asks soon, and nobody may have a long ledger read at will.</summary>
    const int EntriesMax = 1 << 16;

    /// <summary>
    /// How a round was opened and a participant's update of it that was accepted, searched from the end; null where there is none among the
    /// last 65,536 entries.
    /// </summary>
    public static async Task<AcceptedBefore?> AcceptedAsync(
        ILedgerStore store, int round, string participant, CancellationToken cancellation = default)
    {
        byte[] id = Encoding.UTF8.GetBytes($"\"{participant}\"");
        UpdateAccepted? accepted = null;
        long size = await store.SizeAsync(cancellation), first = Math.Max(0, size - EntriesMax);
        for (long end = size; end > first; end = Math.Max(first, end - Page))
        {
            bool isBefore = false;
            RoundOpened? opened = null;
            await foreach (LedgerEntry entry in store.ReadAsync(Math.Max(first, end - Page), cancellation))
            {
                if (entry.Index >= end)
                    break;
                // Most entries are of others: only those that can matter are parsed.
                ReadOnlySpan<byte> bytes = entry.Bytes.Span;
                if (bytes.StartsWith("{\"type\":\"round-opened\","u8))
                {
                    var of = (RoundOpened)EventJson.Parse(bytes);
                    isBefore |= of.Round <= round;
                    opened = of.Round == round ? of : opened;
                }
                else if (bytes.StartsWith("{\"type\":\"update-accepted\","u8) && bytes.IndexOf(id) >= 0
                    && EventJson.Parse(bytes) is UpdateAccepted update && update.Round == round && update.Participant == participant)
                {
                    accepted = update;
                }
            }
            if (isBefore)
                return opened is null || accepted is null ? null : new AcceptedBefore(opened, accepted);
        }
        return null;
    }
}

/// <summary>An update that was accepted, and the beginning of its round.</summary>
public sealed record AcceptedBefore(RoundOpened Opened, UpdateAccepted Accepted);
