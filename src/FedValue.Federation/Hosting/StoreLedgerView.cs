using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Hosting;

/// <summary>A role's view of a ledger that others write: every question first reads what is new in the store. For one caller at a time.</summary>
public sealed class StoreLedgerView : ILedgerView
{
    readonly ILedgerStore _store;
    readonly LedgerWriter _reader;

    StoreLedgerView(ILedgerStore store, LedgerWriter reader) => (_store, _reader) = (store, reader);

    /// <summary>Reads the ledger from its first entry.</summary>
    /// <exception cref="LedgerFormatException">An entry is damaged.</exception>
    public static async Task<StoreLedgerView> OpenAsync(ILedgerStore store, CancellationToken cancellation = default) =>
        new(store, await LedgerWriter.OpenAsync(store, cancellation));

    /// <inheritdoc/>
    public async ValueTask<FederationState> CurrentAsync(CancellationToken cancellation = default)
    {
        await _reader.CatchUpAsync(cancellation);
        return _reader.State;
    }

    /// <inheritdoc/>
    public Task<AcceptedBefore?> FindAcceptedAsync(int round, string participant, CancellationToken cancellation = default) =>
        LedgerSearch.AcceptedAsync(_store, round, participant, cancellation);
}
