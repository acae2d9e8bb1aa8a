using FedValue.Federation.Hosting;
using FedValue.Kernels;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace FedValue.Orleans.Hosting;

/// <summary>What a silo needs to hold the roles.</summary>
public static class SiloSetup
{
    /// <summary>Adds the roles' services and the memory streams; clustering is for the caller.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="stores">Where it finds ledgers and blobs.</param>
    /// <param name="threads">How many threads one aggregation or valuation uses; changes no bit.</param>
    /// <param name="clock">Gives the times on the ledgers; null: the time that is.</param>
    /// <param name="samplingClock">What a time limit of the sampling terms goes by; null: the time that really passes.</param>
    public static ISiloBuilder AddFedValue(
        this ISiloBuilder silo, IFederationStores stores, int threads, TimeProvider? clock = null, TimeProvider? samplingClock = null)
    {
        silo.Services.AddSingleton(stores);
        silo.Services.AddSingleton<FederationSetups>();
        silo.Services.AddSingleton<RoundTracing>();
        silo.Services.AddSingleton<FederationViews>();
        silo.Services.AddSingleton<IComputeBackend>(new CpuBackend(threads));
        silo.Services.AddSingleton(new FederationClocks(clock ?? TimeProvider.System, samplingClock ?? TimeProvider.System));
        return silo.AddMemoryGrainStorage("PubSubStore").AddMemoryStreams(FederationStreams.Provider).AddActivityPropagation();
    }
}
