using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The role that appends and pays: the only one that writes to the ledger, and the last to judge whether an event may follow. One per
/// federation; a second one loses the race of compare-and-append, has read what the winner wrote, and decides anew.
/// </summary>
public sealed class PayoutLedger : ILedgerView
{
    /// <summary>How often an append is tried again after somebody else appended first.</summary>
    const int AttemptsMax = 8;

    const int SearchPage = 256;

    readonly ILedgerStore _store;
    readonly LedgerWriter _writer;

    readonly Action<TreeHead>? _appended;

    PayoutLedger(ILedgerStore store, LedgerWriter writer, Action<TreeHead>? appended) =>
        (_store, _writer, _appended) = (store, writer, appended);

    /// <summary>Reads the ledger from its first entry.</summary>
    /// <param name="store">The ledger.</param>
    /// <param name="appended">Told after every append, when <see cref="State"/> knows of it; must neither block nor throw.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="LedgerFormatException">An entry is damaged.</exception>
    public static async Task<PayoutLedger> OpenAsync(
        ILedgerStore store, Action<TreeHead>? appended = null, CancellationToken cancellation = default) =>
        new(store, await LedgerWriter.OpenAsync(store, cancellation), appended);

    /// <summary>The state after the last entry; a snapshot.</summary>
    public FederationState State => _writer.State;

    /// <summary>Size and root.</summary>
    public TreeHead Head => _writer.Head;

    /// <inheritdoc/>
    public ValueTask<FederationState> CurrentAsync(CancellationToken cancellation = default) => ValueTask.FromResult(_writer.State);

    /// <inheritdoc/>
    public Task<AcceptedBefore?> FindAcceptedAsync(int round, string participant, CancellationToken cancellation = default) =>
        LedgerSearch.AcceptedAsync(_store, round, participant, cancellation);

    /// <summary>Appends all events or none; a receipt for each, given when they are durable.</summary>
    /// <exception cref="LedgerOrderException">An event cannot follow, perhaps because of what somebody else appended: decide anew.</exception>
    public Task<IReadOnlyList<Receipt>> AppendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancellation = default) =>
        AppendAsync(_ => events, cancellation);

    /// <summary>Pays a valued round: valuation and payouts are one atomic append.</summary>
    /// <param name="valued">The valuation.</param>
    /// <param name="values">
    /// The values of the method that the terms pay by, in ordinal order of the participants; empty when no method decides.
    /// </param>
    /// <param name="cancellation">Before the append only.</param>
    public async Task<PayoutsPosted> SettleAsync(RoundValued valued, IReadOnlyList<double> values, CancellationToken cancellation = default)
    {
        PayoutsPosted? payouts = null;
        await AppendAsync(state => [valued, .. PayoutSlices.Of(payouts = Pay(state, valued, values))], cancellation);
        return payouts!;
    }

    /// <summary>
    /// The receipt of the last entry that holds this event, in the tree as it is now; null when there is none. Searched from the end, because
    /// whoever asks again asks about something new.
    /// </summary>
    public async Task<Receipt?> FindReceiptAsync(LedgerEvent sought, CancellationToken cancellation = default)
    {
        await _writer.CatchUpAsync(cancellation); // somebody else may have written it
        byte[] bytes = EventJson.Serialize(sought);
        for (long end = Head.Size; end > 0; end = Math.Max(0, end - SearchPage))
        {
            await foreach (LedgerEntry entry in _store.ReadAsync(Math.Max(0, end - SearchPage), cancellation))
            {
                if (entry.Index >= end)
                    break;
                if (entry.Bytes.Span.SequenceEqual(bytes))
                    return _writer.ReceiptFor(entry.Index);
            }
        }
        return null;
    }

    /// <summary>The receipt of an entry in the tree as it is now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    public Receipt ReceiptFor(long index) => _writer.ReceiptFor(index);

    /// <summary>The proof that the ledger as it is now begins with what it was at an earlier size, 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ledger never had that size.</exception>
    public (TreeHead Head, IReadOnlyList<Digest> Proof)? Consistency(long olderSize, long? newerSize) => _writer.Consistency(olderSize, newerSize);

    static PayoutsPosted Pay(FederationState state, RoundValued valued, IReadOnlyList<double> values)
    {
        if (state.Round is not { } round || round.Number != valued.Round)
            throw new LedgerOrderException($"Round {valued.Round} was valued, but it is not in progress.");
        return PayoutRules.Post(
            state.Terms.Payment, round.Number, [.. round.Accepted.Keys], [.. values], [.. round.Accepted.Values.Select(u => u.Examples)]);
    }

    /// <summary>Whoever loses the race has read what the winner wrote, and is judged by it the next time.</summary>
    async Task<IReadOnlyList<Receipt>> AppendAsync(Func<FederationState, IReadOnlyList<LedgerEvent>> decide, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                IReadOnlyList<Receipt> receipts = await _writer.AppendAsync(decide(_writer.State), cancellation);
                _appended?.Invoke(Head);
                return receipts;
            }
            catch (LedgerConflictException) when (attempt < AttemptsMax)
            {
            }
            catch (LedgerOrderException) when (attempt < AttemptsMax)
            {
                // The event may follow what somebody else appended unseen: only what the whole ledger refuses is refused.
                long known = _writer.Head.Size;
                await _writer.CatchUpAsync(cancellation);
                if (_writer.Head.Size == known)
                    throw;
            }
        }
    }
}
