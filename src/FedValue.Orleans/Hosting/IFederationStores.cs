using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Hosting;

/// <summary>Where a silo finds the ledgers and blobs of federations. All silos of a cluster must find the same.</summary>
public interface IFederationStores
{
    /// <summary>The ledger of a federation; not disposed by whoever asks.</summary>
    ILedgerStore Ledger(string federation);

    /// <summary>Its blobs.</summary>
    IBlobStore Blobs(string federation);
}
