using FedValue.Ledger.Storage;
using FedValue.Orleans.Grains;
using FedValue.Orleans.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace FedValue.Orleans.Tests;

/// <summary>
/// A cluster of its own with one role's grain on the silo that can be spared, and the others' on the silo that keeps the membership.
/// </summary>
sealed class Loss : IAsyncDisposable
{
    const string Key = "lost";

    readonly ImpatientCluster _cluster = new();

    public OrleansHost Host { get; private set; } = null!; // there once it is prepared

    SiloHandle Spare => _cluster.Cluster.SecondarySilos[0];

    /// <summary>Starts the cluster and wakes the grains, each where it should be.</summary>
    /// <param name="role">ledger, aggregator or contribution.</param>
    /// <param name="blobs">The blobs of the federation.</param>
    public static async Task<Loss> PrepareAsync(string role, IBlobStore blobs)
    {
        var loss = new Loss();
        await loss._cluster.InitializeAsync();
        loss.Host = await loss._cluster.OpenAsync(new InMemoryLedgerStore(), blobs, Key);
        IGrainFactory grains = loss._cluster.Cluster.GrainFactory;
        (string Role, Func<Task> Wake)[] all =
        [
            ("ledger", () => grains.GetGrain<ILedgerGrain>(Key).AppendAsync([])),
            ("aggregator", () => grains.GetGrain<IAggregatorGrain>(Key).CancelAsync(0)),
            ("contribution", () => grains.GetGrain<IContributionGrain>(Key).CancelAsync(0)),
        ];
        foreach ((string name, Func<Task> wake) in all)
        {
            SiloAddress place = name == role ? loss.Spare.SiloAddress : loss._cluster.Cluster.Primary!.SiloAddress;
            RequestContext.Set(IPlacementDirector.PlacementHintKey, place);
            await wake();
            RequestContext.Clear();
            DetailedGrainStatistic[] active = await grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
            Assert.Equal(place, active.Single(grain => grain.GrainId.Type.ToString() == name && grain.GrainId.Key.ToString() == Key).SiloAddress);
        }
        return loss;
    }

    /// <summary>Ends the silo that can be spared, without a farewell.</summary>
    public Task KillAsync() => _cluster.Cluster.KillSiloAsync(Spare);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    /// <summary>A call that was on its way when a silo died may never be answered, and is given up after half a minute elsewhere.</summary>
    sealed class ImpatientCluster : RolesCluster
    {
        protected override void Configure(TestClusterBuilder builder) => builder.AddClientBuilderConfigurator<Client>();

        sealed class Client : IClientBuilderConfigurator
        {
            public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
                clientBuilder.Services.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5));
        }
    }
}
