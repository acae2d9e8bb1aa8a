using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
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
        IReadOnlyList<Receipt> receipts = await _ledger.AppendAsync(parsed);
        foreach ((LedgerEvent written, Receipt receipt) in parsed.Zip(receipts))
            Note(written, receipt);
        return receipts;
    });

    public Task<AppendMessage> SettleAsync(byte[] valued, double[] values) => AppendedAsync(async () =>
    {
        var round = (RoundValued)EventJson.Parse(valued);
        PayoutsPosted payouts = await _ledger.SettleAsync(round, values);
        LedgerEvent[] written = [round, .. PayoutSlices.Of(payouts)]; // the last entries there are
        long first = _ledger.Head.Size - written.Length;
        for (int i = 0; i < written.Length; i++)
            Note(written[i], _ledger.ReceiptFor(first + i));
        return [];
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

    static async Task<AppendMessage> AppendedAsync(Func<Task<IReadOnlyList<Receipt>>> append)
    {
        try
        {
            return AppendMessage.Of(await append());
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return AppendMessage.Failed(failed);
        }
    }

    /// <summary>Tells whoever listens; nobody waits for it and nothing depends on it.</summary>
    void Note(LedgerEvent written, Receipt receipt)
    {
        var note = new EntryNote(receipt.Index, written.GetType().Name, receipt.LeafHash.ToString());
        foreach (string stream in FederationStreams.Of(written))
            _streams.Stream(stream, this.GetPrimaryKeyString()).OnNextAsync(note).Ignore();
    }
}
