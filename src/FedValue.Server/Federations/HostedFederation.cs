using FedValue.Federation.Hosting;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Contracts;
using FedValue.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace FedValue.Server.Federations;

/// <summary>One federation that the server hosts: its folder, its host, and what drives and reads it.</summary>
sealed class HostedFederation : IAsyncDisposable
{
    /// <summary>As in the folder of a simulation, so that both are audited alike; likewise the folder of blobs.</summary>
    public const string LedgerFile = "ledger.sqlite";

    const string BlobFolder = "blobs";

    readonly SqliteLedgerStore _store;
    readonly SemaphoreSlim _enrolling = new(1, 1);

    HostedFederation(string name, SqliteLedgerStore store, DirectoryBlobStore blobs, IFederationHost host, LedgerFeed feed, byte[] manifest,
        TimeProvider clock, ServerTelemetry telemetry, ILogger logger)
    {
        (Name, _store, Blobs, Host, Feed, ManifestJson) = (name, store, blobs, host, feed, manifest);
        Manifest = ModelManifest.Parse(manifest);
        Digests = new BlobCatalog(store, feed);
        Results = new ResultsView(store, blobs, host);
        Driver = new RoundDriver(name, host, feed, Manifest.DataLength, clock, telemetry, logger);
    }

    public string Name { get; }

    public IFederationHost Host { get; }

    public ILedgerStore Ledger => _store;

    public IBlobStore Blobs { get; }

    public LedgerFeed Feed { get; }

    public RoundDriver Driver { get; }

    /// <summary>Who may read which blob.</summary>
    public BlobCatalog Digests { get; }

    /// <summary>Contributions and payouts of the paid rounds.</summary>
    public ResultsView Results { get; }

    public ModelManifest Manifest { get; }

    /// <summary>The manifest as it lies in its blob.</summary>
    public byte[] ManifestJson { get; }

    /// <summary>Writes the first entry of a new federation into an empty folder, and leaves the folder closed.</summary>
    public static async Task<Receipt> CreateAsync(
        string folder, FederationCreation creation, TimeProvider clock, ServerTelemetry telemetry, ILogger logger,
        CancellationToken cancellation)
    {
        await using SqliteLedgerStore store = SqliteLedgerStore.Open(Path.Combine(folder, LedgerFile), logger);
        var blobs = new DirectoryBlobStore(Path.Combine(folder, BlobFolder));
        await using InProcessHost host = await InProcessHost.OpenAsync(
            new MeteredLedgerStore(store, telemetry), blobs, new CpuBackend(1), clock, cancellation: cancellation);
        return await host.CreateAsync(creation, cancellation);
    }

    /// <summary>Opens a federation from its ledger, whatever a crash left of it, and lets it go on.</summary>
    /// <exception cref="Exception">The folder holds no federation that this build can go on with.</exception>
    public static async Task<HostedFederation> OpenAsync(
        string folder, IFederationHosting hosting, int threads, TimeProvider clock, ServerTelemetry telemetry, ILogger logger,
        CancellationToken cancellation)
    {
        string name = Path.GetFileName(folder);
        SqliteLedgerStore store = SqliteLedgerStore.OpenExisting(Path.Combine(folder, LedgerFile), logger);
        IFederationHost? host = null;
        try
        {
            var blobs = new DirectoryBlobStore(Path.Combine(folder, BlobFolder));
            blobs.DeleteUnfinished(); // the server holds the lock of the data folder, and no upload has begun
            var feed = new LedgerFeed();
            var metered = new MeteredLedgerStore(store, telemetry);
            host = await hosting.OpenAsync(
                name, metered, new TracedBlobStore(blobs, telemetry), threads, clock, feed.Announce, cancellation);
            FederationState state = await host.StateAsync(cancellation);
            if (state.Created is not { } created)
                throw new LedgerFormatException($"The ledger in '{folder}' has no entry: restore it from a copy, or move the folder away.");
            if (created.Federation != name)
                throw new LedgerFormatException($"The folder '{name}' holds the ledger of '{created.Federation}'; give it that name.");
            metered.Resume(state.Round?.Opened);
            feed.Announce(await host.HeadAsync(cancellation));
            byte[] manifest = await blobs.GetAsync(created.Manifest, cancellation);
            return new HostedFederation(name, store, blobs, host, feed, manifest, clock, telemetry, logger);
        }
        catch
        {
            if (host is not null)
                await host.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does what looks whether there is room for another key and then enrols it, one caller after the other.</summary>
    public async Task<T> WhileEnrollingAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        await _enrolling.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            _enrolling.Release();
        }
    }

    /// <summary>The round as trainers see it.</summary>
    public async Task<RoundAnnouncement> AnnounceAsync(CancellationToken cancellation)
    {
        FederationState state = await Host.StateAsync(cancellation);
        if (state.Round is not { } round)
        {
            string between = state.IsClosed ? RoundStatus.Closed : RoundStatus.None;
            return new RoundAnnouncement(null, between, null, null, null, null, null, state.RoundsPaid, Driver.Problem);
        }
        bool isClosing = round.Aggregated is not null || Driver.IsClosing(round.Number);
        return new RoundAnnouncement(
            round.Number, isClosing ? RoundStatus.Closing : RoundStatus.Open, round.Opened.Model, round.Opened.Cohort, [.. round.Accepted.Keys],
            DateTimeOffset.FromUnixTimeMilliseconds(round.Opened.At), RoundStep.Deadline(state, round), state.RoundsPaid, Driver.Problem);
    }

    public async ValueTask DisposeAsync()
    {
        await Driver.DisposeAsync();
        await Host.DisposeAsync();
        await _store.DisposeAsync();
    }
}
