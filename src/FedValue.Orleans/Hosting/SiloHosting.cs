using System.Collections.Concurrent;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Messages;
using FedValue.Server.Federations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Orleans.Hosting;
using Orleans.Streams;

namespace FedValue.Orleans.Hosting;

/// <summary>A silo in this process, clustered with itself: the roles of a server's federations live in its grains.</summary>
public sealed class SiloHosting : IFederationHosting, IAsyncDisposable
{
    /// <summary>The options that name the ports.</summary>
    public const string SiloPortOption = "--silo-port", GatewayPortOption = "--gateway-port";

    readonly IHost _silo;
    readonly Stores _stores;
    readonly IClusterClient _client;

    SiloHosting(IHost silo, Stores stores) => (_silo, _stores, _client) = (silo, stores, silo.Services.GetRequiredService<IClusterClient>());

    /// <summary>Starts the silo.</summary>
    /// <param name="threads">How many threads one aggregation or valuation may use; changes no bit.</param>
    /// <param name="clock">Gives the times on the ledgers.</param>
    /// <param name="siloPort">Where silos speak to each other, on loopback.</param>
    /// <param name="gatewayPort">Where clients speak to silos, on loopback; 0: nowhere.</param>
    /// <param name="cancellation">Stops starting.</param>
    /// <param name="logging">Where warnings go; null: to standard error.</param>
    /// <param name="configure">What the silo has besides; null: nothing.</param>
    /// <exception cref="FormatException">A number is no port.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<SiloHosting> StartAsync(
        int threads, TimeProvider clock, int siloPort, int gatewayPort, CancellationToken cancellation = default,
        Action<ILoggingBuilder>? logging = null, Action<ISiloBuilder>? configure = null)
    {
        SiloPorts.ThrowIfUnusable(siloPort, gatewayPort);
        var stores = new Stores();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        (logging ?? ToStandardError)(builder.Logging);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort).AddFedValue(stores, threads, clock);
            configure?.Invoke(silo);
        });
        IHost host = builder.Build();
        await host.StartAsync(cancellation);
        return new SiloHosting(host, stores);
    }

    /// <summary>
    /// Calls of grains, their activations, and what Orleans stores of subscriptions. Calls within Orleans (Runtime) are left out: its streams ask
    /// eighty times a second whether there is something new.
    /// </summary>
    public IReadOnlyList<string> ActivitySources =>
        ["Microsoft.Orleans.Application", "Microsoft.Orleans.Lifecycle", "Microsoft.Orleans.Storage"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Meters => ["Microsoft.Orleans"];

    /// <inheritdoc/>
    public async Task<IFederationHost> OpenAsync(
        string federation, ILedgerStore ledger, IBlobStore blobs, int threads, TimeProvider clock, Action<TreeHead> appended,
        CancellationToken cancellation)
    {
        _stores.Add(federation, ledger, blobs);
        OrleansHost host = await OrleansHost.OpenAsync(_client, federation, _stores, clock, appended, cancellation);
        // A lost note costs no entry: the host reads the ledger at every question, and tells what it finds.
        // It listens as long as the silo lives: Orleans complains of notes that come to somebody who has just stopped listening.
        await _client.GetStreamProvider(FederationStreams.Provider).Stream(FederationStreams.Entries, federation)
            .SubscribeAsync((EntryNote _, StreamSequenceToken? _) => ListenAsync(host));
        return host;
    }

    static void ToStandardError(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    static async Task ListenAsync(OrleansHost host)
    {
        try
        {
            await host.StateAsync();
        }
        catch (ObjectDisposedException)
        {
            // A note that comes after the end has nobody to tell.
        }
    }

    /// <summary>Stops the silo.</summary>
    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        _silo.Dispose();
    }

    sealed class Stores : IFederationStores
    {
        readonly ConcurrentDictionary<string, (ILedgerStore Ledger, IBlobStore Blobs)> _stores = new(StringComparer.Ordinal);

        public void Add(string federation, ILedgerStore ledger, IBlobStore blobs) => _stores[federation] = (ledger, blobs);

        public ILedgerStore Ledger(string federation) => _stores[federation].Ledger;

        public IBlobStore Blobs(string federation) => _stores[federation].Blobs;
    }
}
