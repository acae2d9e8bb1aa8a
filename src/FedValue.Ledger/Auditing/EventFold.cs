using System.Collections.Immutable;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;

namespace FedValue.Ledger.Auditing;

/// <summary>
/// Follows the events of a ledger by what the entries say alone, without any blob: their form, their order, their signatures. For one caller at
/// a time; behind the first problem nothing it says holds.
/// </summary>
public sealed class EventFold
{
    /// <summary>What the ledger says up to the last event that could follow.</summary>
    public FederationState State { get; } = new();

    /// <summary>What is wrong with the next entry, as a sentence; null when nothing is.</summary>
    /// <param name="bytes">The entry.</param>
    /// <param name="ledgerEvent">The event that it spells, where nothing is wrong.</param>
    public string? Problem(ReadOnlySpan<byte> bytes, out LedgerEvent? ledgerEvent)
    {
        RoundState? round = State.Round;
        ImmutableDictionary<string, string?> keys = State.Keys;
        ledgerEvent = null;
        LedgerEvent parsed;
        try
        {
            parsed = EventJson.Parse(bytes);
            if (SpellingProblem(parsed, bytes) is { } spelling)
                return spelling;
            State.Apply(parsed);
        }
        catch (Exception e) when (e is LedgerFormatException or LedgerOrderException)
        {
            return e.Message;
        }
        ledgerEvent = parsed;
        return SignatureProblem(parsed, keys, round);
    }

    string? SignatureProblem(LedgerEvent ledgerEvent, ImmutableDictionary<string, string?> keys, RoundState? round) => ledgerEvent switch
    {
        UpdateAccepted e => SignatureRules.Problem(e, State.Name, keys.GetValueOrDefault(e.Participant), round?.Opened.Model),
        UpdateRefused e => SignatureRules.Problem(e, State.Name, keys.GetValueOrDefault(e.Participant), round?.Opened.Model),
        KeyReplaced e => SignatureRules.Problem(e, State.Name, keys.GetValueOrDefault(e.Participant), model: null),
        _ => null,
    };

    /// <summary>An event has one spelling: other spaces, orders or escapes would be other bytes for the same event.</summary>
    static string? SpellingProblem(LedgerEvent ledgerEvent, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> spelling = EventJson.Serialize(ledgerEvent);
        return bytes.SequenceEqual(spelling) ? null
            : $"Expected the event in its one spelling, but the bytes differ from it at byte {bytes.CommonPrefixLength(spelling)}.";
    }
}
