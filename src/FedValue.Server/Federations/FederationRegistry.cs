using System.Collections.Concurrent;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Server.Http;
using FedValue.Server.Security;
using FedValue.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace FedValue.Server.Federations;

/// <summary>All federations of a data folder, by name.</summary>
sealed partial class FederationRegistry : IAsyncDisposable
{
    readonly string _folder, _unfinished;
    readonly int _threads;
    readonly IFederationHosting _hosting;
    readonly TimeProvider _clock;
    readonly ServerTelemetry _telemetry;
    readonly ILogger<FederationRegistry> _logger;
    readonly ConcurrentDictionary<string, HostedFederation> _open = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _broken = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _creating = new(1, 1);

    public FederationRegistry(ServerOptions options, ServerLimits limits, ServerTelemetry telemetry, ILogger<FederationRegistry> logger)
    {
        _folder = PrivateFolder.Create(Path.Combine(options.DataFolder, "federations"));
        _unfinished = Path.Combine(options.DataFolder, "creating");
        _threads = limits.Threads == 0 ? Environment.ProcessorCount : limits.Threads;
        _clock = options.Clock;
        _hosting = options.Hosting;
        _telemetry = telemetry;
        _logger = logger;
        telemetry.ObserveLedgers(() => _open.Values.Sum(federation => federation.Feed.Size));
    }

    /// <summary>The names of all federations in ordinal order, also of those that could not be opened.</summary>
    public IReadOnlyList<string> Names => [.. _open.Keys.Concat(_broken.Keys).Order(StringComparer.Ordinal)];

    /// <summary>Whether there is any ledger in the folder yet.</summary>
    public bool HasLedgers => Directory.EnumerateDirectories(_folder).Any(folder => File.Exists(Path.Combine(folder, HostedFederation.LedgerFile)));

    /// <summary>Where a federation is made before it is one of these; emptied at every start.</summary>
    public string UnfinishedFolder => _unfinished;

    /// <summary>The federations that run.</summary>
    public IEnumerable<HostedFederation> Open => _open.Values;

    /// <summary>How many federations could not be opened.</summary>
    public int BrokenCount => _broken.Count;

    /// <summary>Opens what is in the folder; one that cannot be opened does not keep the others from going on.</summary>
    public async Task OpenAllAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(_unfinished))
            Directory.Delete(_unfinished, recursive: true); // nobody was told that these exist
        await Parallel.ForEachAsync(Directory.EnumerateDirectories(_folder), cancellation, async (folder, ct) =>
        {
            string name = Path.GetFileName(folder);
            try
            {
                _open[name] = await HostedFederation.OpenAsync(folder, _hosting, _threads, _clock, _telemetry, _logger, ct);
                Opened(_logger, name, _open[name].Feed.Size);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                _broken[name] = failure.Message.ReplaceLineEndings(" ");
                NotOpened(_logger, name, _broken[name]);
                WhereNotOpened(_logger, failure, name);
            }
        });
    }

    /// <summary>The federation of that name.</summary>
    /// <exception cref="ApiException">404: there is none; 503: it could not be opened.</exception>
    public HostedFederation Get(string name)
    {
        if (_open.TryGetValue(name, out HostedFederation? federation))
            return federation;
        throw _broken.ContainsKey(name)
            ? Problems.Of(503, "damaged", "This federation could not be opened when the server started; the server's log says why.")
            : Problems.NotFound($"There is no federation '{Problems.Shown(name)}'.");
    }

    /// <summary>Makes a federation: its folder appears whole or not at all.</summary>
    /// <exception cref="ApiException">409: there is one of that name.</exception>
    public async Task<(HostedFederation Federation, Receipt Receipt)> CreateAsync(FederationCreation creation, CancellationToken cancellation)
    {
        await _creating.WaitAsync(cancellation);
        try
        {
            string target = Path.Combine(_folder, creation.Name), partial = Path.Combine(_unfinished, creation.Name);
            if (Directory.Exists(target))
                throw Problems.Conflict("exists", $"There is a federation '{creation.Name}' already; choose another name.");
            Receipt receipt = await WriteAsync(partial, creation, cancellation);
            Directory.Move(partial, target);
            DurableFile.FlushFolder(_folder);
            HostedFederation federation = await HostedFederation.OpenAsync(
                target, _hosting, _threads, _clock, _telemetry, _logger, CancellationToken.None);
            _open[creation.Name] = federation;
            Opened(_logger, creation.Name, federation.Feed.Size);
            return (federation, receipt);
        }
        finally
        {
            _creating.Release();
        }
    }

    /// <summary>The files of a new federation; nothing of one that fails stays, for its model may have several GB.</summary>
    async Task<Receipt> WriteAsync(string folder, FederationCreation creation, CancellationToken cancellation)
    {
        try
        {
            Clear(folder);
            PrivateFolder.Create(_unfinished);
            PrivateFolder.Create(folder);
            return await HostedFederation.CreateAsync(folder, creation, _clock, _telemetry, _logger, cancellation);
        }
        catch (Exception failure)
        {
            try
            {
                Clear(folder);
            }
            catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
            {
                // What cannot be deleted now goes at the next start; what failed before it is to be told.
            }
            if (failure is IOException refused)
                throw Problems.Of(503, "damaged", $"The server cannot keep the federation: {refused.Message}");
            throw;
        }
    }

    static void Clear(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HostedFederation federation in _open.Values)
            await federation.DisposeAsync();
        _open.Clear();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Federation {Federation} runs; its ledger has {Size} entries")]
    static partial void Opened(ILogger logger, string federation, long size);

    [LoggerMessage(Level = LogLevel.Error, Message = "Federation {Federation} was not opened: {Problem}")]
    static partial void NotOpened(ILogger logger, string federation, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Where federation {Federation} was not opened")]
    static partial void WhereNotOpened(ILogger logger, Exception failure, string federation);
}
