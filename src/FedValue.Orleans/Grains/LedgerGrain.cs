using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;
using Orleans.Streams;

namespace FedValue.Orleans.Grains;

/// <summary>Gives <see cref="PayoutLedger"/> its turns. A second activation loses the race of compare-and-append and reads on.</summary>
sealed class LedgerGrain(IFederationStores stores) : Grain, ILedgerGrain
{
    PayoutLedger _ledger = null!; // there from activation on
    IStreamProvider _streams = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _ledger = await PayoutLedger.OpenAsync(stores.Ledger(this.GetPrimaryKeyString()), cancellation: cancellationToken);
        _streams = this.GetStreamProvider(FederationStreams.Provider);
    }

    public Task<AppendMessage> AppendAsync(byte[][] events) => AppendedAsync(async () =>
    {
        LedgerEvent[] parsed = [.. events.Select(bytes => EventJson.Parse(bytes))];
        return (parsed, await _ledger.AppendAsync(parsed));
    });

    public Task<AppendMessage> SettleAsync(byte[] valued, double[] values) => AppendedAsync(async () =>
    {
        PayoutsPosted payouts = await _ledger.SettleAsync((RoundValued)EventJson.Parse(valued), values);
        return ([payouts], []);
    });

    public async Task<AppendMessage> FindReceiptAsync(byte[] entry)
    {
        try
        {
            return await _ledger.FindReceiptAsync(EventJson.Parse(entry)) is { } receipt ? AppendMessage.Of(receipt) : AppendMessage.Of();
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return AppendMessage.Failed(failed);
        }
    }

    async Task<AppendMessage> AppendedAsync(Func<Task<(LedgerEvent[] Events, IReadOnlyList<Receipt> Receipts)>> append)
    {
        try
        {
            (LedgerEvent[] events, IReadOnlyList<Receipt> receipts) = await append();
            foreach (LedgerEvent ledgerEvent in events)
                Note(ledgerEvent);
            return AppendMessage.Of(receipts);
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return AppendMessage.Failed(failed);
        }
    }

    /// <summary>Tells whoever listens; nobody waits for it and nothing depends on it.</summary>
    void Note(LedgerEvent ledgerEvent)
    {
        var note = new EntryNote(_ledger.Head.Size - 1, ledgerEvent.GetType().Name);
        foreach (string stream in FederationStreams.Of(ledgerEvent))
            _streams.Stream(stream, this.GetPrimaryKeyString()).OnNextAsync(note).Ignore();
    }
}
