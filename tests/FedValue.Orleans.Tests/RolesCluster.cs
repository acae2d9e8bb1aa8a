using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace FedValue.Orleans.Tests;

/// <summary>Two silos in this process that find the stores of a test by the key of its federation.</summary>
public class RolesCluster : IAsyncLifetime
{
    /// <summary>The cluster.</summary>
    public TestCluster Cluster { get; private set; } = null!; // there from initialization on

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.AddSiloBuilderConfigurator<Silo>();
        builder.AddClientBuilderConfigurator<Client>();
        Configure(builder);
        Cluster = builder.Build();
        await Cluster.DeployAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>A host whose grains have never been active before, on stores that may be those of another.</summary>
    public async Task<OrleansHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, string? key = null)
    {
        key = TestStores.Shared.Add(key, ledger, blobs);
        return await OrleansHost.OpenAsync(Cluster.GrainFactory, key, TestStores.Shared, new FixedClock());
    }

    /// <summary>What a cluster has besides.</summary>
    protected virtual void Configure(TestClusterBuilder builder)
    {
    }

    sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) =>
            siloBuilder.AddFedValue(TestStores.Shared, threads: 1, new FixedClock(), HeldSamplingClock.Shared)
                .Services.AddSingleton<IConfigureGrainContextProvider>(Activations.Shared);
    }

    sealed class Client : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.AddMemoryStreams(FederationStreams.Provider);
    }
}
