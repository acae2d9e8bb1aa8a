namespace FedValue.Ledger.Events;

/// <summary>Which blobs a ledger needs.</summary>
public static class EventBlobs
{
    /// <summary>
    /// The blobs that an event names, in the order of its members. The digest of a refused update is none: its bytes are not kept.
    /// </summary>
    public static IEnumerable<Digest> NamedBy(LedgerEvent ledgerEvent) => ledgerEvent switch
    {
        FederationCreated e => [e.Manifest, e.Model, .. e.Validation is { } rows ? [rows] : Array.Empty<Digest>()],
        RoundOpened e => [e.Model],
        UpdateAccepted e => [e.Update],
        RoundAggregated e => [e.Model, e.AggregatorState],
        RoundValued e =>
        [
            e.Statistics,
            .. e.CoalitionUtilities is { } utilities ? [utilities] : Array.Empty<Digest>(),
            .. e.Valuations.SelectMany(valuation => new[] { valuation.Values, valuation.Errors }),
            .. e.Memory is { } memory ? [memory] : Array.Empty<Digest>(),
        ],
        RoundAbandoned e => [e.Model],
        FederationClosed e => [e.Model],
        _ => [],
    };
}
