using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Tests;

/// <summary>The host contract on two silos. Every opening is a host of other grains, as after a restart or beside a second host.</summary>
public sealed class OrleansHostTests(RolesCluster cluster) : FederationHostContract, IClassFixture<RolesCluster>
{
    protected override async Task<IFederationHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock) =>
        await cluster.OpenAsync(ledger, blobs);
}
