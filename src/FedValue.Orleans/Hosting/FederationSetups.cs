using System.Collections.Concurrent;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Hosting;

/// <summary>
/// The setups of the federations that a silo works for, each read once from its first entry and blobs, and forgotten when no grain needs it any
/// more. Any number of callers.
/// </summary>
public sealed class FederationSetups(IFederationStores stores)
{
    readonly ConcurrentDictionary<string, Known> _setups = new(StringComparer.Ordinal);

    /// <summary>A setup, and the ledger that it was read from: another one under the same name has another.</summary>
    sealed record Known(WeakReference<ILedgerStore> Ledger, WeakReference<FederationSetup> Setup);

    /// <summary>The setup of a federation that has begun; nobody else needs to read it as long as somebody holds it.</summary>
    /// <exception cref="RoundException">It has not.</exception>
    public async Task<FederationSetup> GetAsync(string federation, ILedgerView ledger, CancellationToken cancellation = default)
    {
        ILedgerStore store = stores.Ledger(federation);
        if (_setups.TryGetValue(federation, out Known? known) && known.Ledger.TryGetTarget(out ILedgerStore? readFrom) && readFrom == store
            && known.Setup.TryGetTarget(out FederationSetup? setup))
            return setup;
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (state.Created is not { } created)
            throw new RoundException("There is no federation on this ledger yet; create it first.");
        setup = await FederationSetup.LoadAsync(created, stores.Blobs(federation), cancellation);
        _setups[federation] = new Known(new(store), new(setup));
        return setup;
    }
}
