using System.Collections.Concurrent;
using FedValue.Federation.Rounds;
using FedValue.Ledger;

namespace FedValue.Orleans.Hosting;

/// <summary>The setups of the federations that a silo works for, each read once from its first entry and blobs. Any number of callers.</summary>
public sealed class FederationSetups(IFederationStores stores)
{
    readonly ConcurrentDictionary<string, FederationSetup> _setups = new(StringComparer.Ordinal);

    /// <summary>The setup of a federation that has begun.</summary>
    /// <exception cref="RoundException">It has not.</exception>
    public async Task<FederationSetup> GetAsync(string federation, ILedgerView ledger, CancellationToken cancellation = default)
    {
        if (_setups.TryGetValue(federation, out FederationSetup? known))
            return known;
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (state.Created is not { } created)
            throw new RoundException("There is no federation on this ledger yet; create it first.");
        return _setups.GetOrAdd(federation, await FederationSetup.LoadAsync(created, stores.Blobs(federation), cancellation));
    }
}
