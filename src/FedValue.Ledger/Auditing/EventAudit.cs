using System.Collections.Immutable;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Auditing;

/// <summary>Follows the events of a ledger: their form, their order, their blobs, their payouts, and what the caller recomputes.</summary>
sealed class EventAudit(IBlobStore blobs, Func<LedgerEvent, FederationState, CancellationToken, ValueTask<string?>>? recompute)
{
    readonly Dictionary<Digest, int> _lengths = []; // of the blobs that are intact

    public FederationState State { get; } = new();

    /// <summary>What is wrong with the next entry, as a sentence; null when nothing is.</summary>
    public async ValueTask<string?> ProblemAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        RoundState? round = State.Round;
        ImmutableDictionary<string, string?> keys = State.Keys;
        LedgerEvent ledgerEvent;
        try
        {
            ledgerEvent = EventJson.Parse(bytes.Span);
            if (SpellingProblem(ledgerEvent, bytes.Span) is { } spelling)
                return spelling;
            State.Apply(ledgerEvent);
        }
        catch (Exception e) when (e is LedgerFormatException or LedgerOrderException)
        {
            return e.Message;
        }

        return SignatureProblem(ledgerEvent, keys, round)
            ?? await BlobProblemAsync(ledgerEvent, ct)
            ?? await PayoutProblemAsync(ledgerEvent, round, ct)
            ?? (recompute is null ? null : await recompute(ledgerEvent, State, ct));
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

    async ValueTask<string?> BlobProblemAsync(LedgerEvent ledgerEvent, CancellationToken ct)
    {
        foreach (Digest digest in EventBlobs.NamedBy(ledgerEvent))
        {
            if (!_lengths.TryGetValue(digest, out int length))
            {
                (byte[]? content, string? problem) = await ReadAsync(digest, ct);
                if (content is null)
                    return problem;
                _lengths.Add(digest, length = content.Length);
            }

            if (LengthOf(digest, ledgerEvent) is var (what, expected) && length != expected)
                return $"Expected {what} of {expected} bytes, but the blob {digest} has {length}.";
        }

        return null;
    }

    /// <summary>What a blob must hold and how long it is then, where the ledger alone tells.</summary>
    (string What, long Bytes)? LengthOf(Digest digest, LedgerEvent ledgerEvent) => ledgerEvent switch
    {
        UpdateAccepted update => ("an update", update.Bytes),
        RoundValued valued when valued.Valuations.FirstOrDefault(valuation => valuation.Values == digest) is { } valuation =>
            ($"the values of '{valuation.Method}'", (long)State.Round!.Accepted.Count * sizeof(double)),
        _ => null,
    };

    async ValueTask<string?> PayoutProblemAsync(LedgerEvent ledgerEvent, RoundState? round, CancellationToken ct)
    {
        if (ledgerEvent is not PayoutsPosted posted || round?.Valued is null)
            return null;
        posted = PayoutSlices.Join(round.Posted, posted, round.Accepted.Count); // the fold has taken it, so it fits
        if (posted.Payouts.Count < round.Accepted.Count)
            return null; // judged with the last slice
        if (posted.PayBy == "")
            return PayoutCheck.Problem(posted, State.Terms.Payment, round, valuesBlob: []);
        Digest values = round.Valued.Valuations.First(valuation => valuation.Method == posted.PayBy).Values;
        (byte[]? content, string? problem) = await ReadAsync(values, ct);
        return content is null ? problem : PayoutCheck.Problem(posted, State.Terms.Payment, round, content);
    }

    // Whatever a store throws, the audit goes on to say so.
    async ValueTask<(byte[]? Content, string? Problem)> ReadAsync(Digest digest, CancellationToken ct)
    {
        try
        {
            return (await blobs.GetAsync(digest, ct), null);
        }
        catch (BlobException e)
        {
            return (null, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (null, $"The blob {digest} could not be read: {e.Message}");
        }
    }
}
