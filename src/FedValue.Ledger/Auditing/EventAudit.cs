using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Auditing;

/// <summary>Follows the events of a ledger: their form, their order, their blobs, their payouts, and what the caller recomputes.</summary>
sealed class EventAudit(IBlobStore blobs, Func<LedgerEvent, FederationState, CancellationToken, ValueTask<string?>>? recompute)
{
    readonly Dictionary<Digest, long> _lengths = []; // of the blobs that are intact

    readonly EventFold _fold = new();

    public FederationState State => _fold.State;

    /// <summary>What is wrong with the next entry, as a sentence; null when nothing is.</summary>
    public async ValueTask<string?> ProblemAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        RoundState? round = State.Round;
        if (_fold.Problem(bytes.Span, out LedgerEvent? ledgerEvent) is { } problem)
            return problem;
        return await BlobProblemAsync(ledgerEvent!, ct)
            ?? await PayoutProblemAsync(ledgerEvent!, round, ct)
            ?? (recompute is null ? null : await recompute(ledgerEvent!, State, ct));
    }

    async ValueTask<string?> BlobProblemAsync(LedgerEvent ledgerEvent, CancellationToken ct)
    {
        foreach (Digest digest in EventBlobs.NamedBy(ledgerEvent))
        {
            if (!_lengths.TryGetValue(digest, out long length))
            {
                (long? verified, string? problem) = await TryAsync<long?>(digest, async () => await blobs.VerifyAsync(digest, ct));
                if (verified is null)
                    return problem;
                _lengths.Add(digest, length = verified.Value);
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
        (byte[]? content, string? problem) = await TryAsync(values, async () => await blobs.GetAsync(values, ct));
        return content is null ? problem : PayoutCheck.Problem(posted, State.Terms.Payment, round, content);
    }

    // Whatever a store throws, the audit goes on to say so.
    static async ValueTask<(T? Result, string? Problem)> TryAsync<T>(Digest digest, Func<Task<T>> read)
    {
        try
        {
            return (await read(), null);
        }
        catch (BlobException e)
        {
            return (default, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (default, $"The blob {digest} could not be read: {e.Message}");
        }
    }
}
