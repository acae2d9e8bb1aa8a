using System.Collections.Concurrent;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>The stores of all tests by the keys of their federations: a test cluster's silos are made by name and can be handed nothing.</summary>
sealed class TestStores : IFederationStores
{
    readonly ConcurrentDictionary<string, (ILedgerStore Ledger, IBlobStore Blobs)> _stores = new(StringComparer.Ordinal);
    int _keys;

    public static TestStores Shared { get; } = new();

    /// <summary>Puts stores where silos find them, under a key of its own unless one is named, and gives the key.</summary>
    public string Add(string? key, ILedgerStore ledger, IBlobStore blobs)
    {
        key ??= $"federation-{Interlocked.Increment(ref _keys)}";
        _stores[key] = (ledger, blobs);
        return key;
    }

    public ILedgerStore Ledger(string federation) => _stores[federation].Ledger;

    public IBlobStore Blobs(string federation) => _stores[federation].Blobs;
}
