using System.Diagnostics.Metrics;
using System.Net;
using FedValue.Server.Endpoints;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using FedValue.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedValue.Server;

/// <summary>A running server: federations of a data folder over HTTP.</summary>
public sealed class ServerApplication : IAsyncDisposable
{
    const int HeaderBytes = 16 * 1024;
    const long BufferedBytes = 256 * 1024; // of a body that comes faster than the disk takes it, for every upload that runs
    const int OperatorTokenMin = 16;
    const int ThreadsBesideUploads = 16;

    readonly WebApplication _app;
    readonly FederationRegistry _registry;
    readonly FailureLimiter _failures;
    readonly FolderLock _folder;
    readonly OtlpExport _export;

    ServerApplication(
        WebApplication app, FederationRegistry registry, FailureLimiter failures, FolderLock folder, ServerTelemetry telemetry, OtlpExport export) =>
        (_app, _registry, _failures, _folder, Telemetry, _export) = (app, registry, failures, folder, telemetry, export);

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<string> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Where the operator's token lies; null where it came from elsewhere.</summary>
    public string? OperatorTokenFile { get; private init; }

    /// <summary>How many federations run.</summary>
    public int Federations => _registry.Open.Count();

    /// <summary>How many federations were found but could not be opened.</summary>
    public int FederationsNotOpened => _registry.BrokenCount;

    /// <summary>What it says about itself.</summary>
    internal ServerTelemetry Telemetry { get; }

    /// <summary>What its connections take their buffers from.</summary>
    internal IMemoryPoolFactory<byte> Buffers => _app.Services.GetRequiredService<IMemoryPoolFactory<byte>>();

    /// <summary>Opens every federation of the data folder, then listens.</summary>
    /// <exception cref="FormatException">The configuration or a secret cannot be used.</exception>
    /// <exception cref="IOException">A file or an address cannot be used.</exception>
    public static async Task<ServerApplication> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        if (options.OperatorToken is { Length: < OperatorTokenMin } guessable)
            throw new FormatException($"An operator's token has {OperatorTokenMin} characters or more, but one of {guessable.Length} came.");
        PrivateFolder.Create(options.DataFolder);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "FedValue.Server" });
        ServerLimits limits = Configure(builder, options);
        OtlpTargets targets = OtlpTargets.OfEnvironment();
        KeepThreads(limits);
        FolderLock folder = FolderLock.Take(options.DataFolder);
        WebApplication app = builder.Build();
        var failures = new FailureLimiter(limits.FailuresPerMinute);
        var telemetry = new ServerTelemetry(app.Services.GetRequiredService<IMeterFactory>());
        var registry = new FederationRegistry(options, limits, telemetry, app.Services.GetRequiredService<ILogger<FederationRegistry>>());
        var export = new OtlpExport(targets, options.Hosting);
        string tokenFile = Path.Combine(options.DataFolder, "operator-token");
        var server = new ServerApplication(app, registry, failures, folder, telemetry, export)
        {
            OperatorTokenFile = options.OperatorToken is null ? tokenFile : null,
        };
        try
        {
            var secrets = new SecretFile(registry.HasLedgers, app.Services.GetRequiredService<ILogger<SecretFile>>());
            var access = new AccessControl(options.OperatorToken ?? secrets.ReadOrMake(tokenFile), options.Clock, failures);
            var tokens = new EnrolmentTokens(secrets.ReadOrMake(Path.Combine(options.DataFolder, "server-secret")), options.Clock);
            app.UseMiddleware<RequestSpans>();
            app.UseMiddleware<ProblemMiddleware>();
            app.UseMiddleware<RequestRules>();
            app.UseRouting();
            app.UseMiddleware<QueryRules>();
            new HealthEndpoints(registry).Map(app);
            new FederationEndpoints(registry, access, limits).Map(app);
            new EnrolmentEndpoints(registry, access, tokens, options, limits).Map(app);
            new RoundEndpoints(registry, access, options).Map(app);
            new UploadEndpoint(registry, access, failures, limits, telemetry).Map(app);
            new BlobEndpoints(registry, access).Map(app);
            new ResultEndpoints(registry, access).Map(app);
            new LedgerEndpoints(registry, access).Map(app);
            new EventStream(registry, access, limits, app.Lifetime, telemetry).Map(app);
            app.MapOpenApi("/openapi/v1.json");
            await registry.OpenAllAsync(cancellation);
            await app.StartAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    /// <summary>Stops listening, lets requests end, then stops the federations; running valuations are given up and run again next time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _registry.DisposeAsync();
        await Task.Run(_export.Dispose); // sends what was not sent yet
        Telemetry.Dispose();
        await _app.DisposeAsync();
        _failures.Dispose();
        _folder.Dispose();
    }

    /// <summary>Every upload can hold a thread that waits for the disk; other requests must not wait until the pool has grown by that many.</summary>
    static void KeepThreads(ServerLimits limits)
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.GetMaxThreads(out int most, out _);
        ThreadPool.SetMinThreads(Math.Max(workers, Math.Min(limits.ConcurrentUploads + ThreadsBesideUploads, most)), ports);
    }

    /// <summary>The limits of a server that is run so: those of its options, with what its configuration file says.</summary>
    /// <exception cref="FormatException">They cannot hold.</exception>
    public static ServerLimits LimitsOf(ServerOptions options)
    {
        using var configuration = new ConfigurationManager();
        return LimitsOf(options, configuration);
    }

    static ServerLimits LimitsOf(ServerOptions options, ConfigurationManager configuration)
    {
        ServerLimits limits = options.Limits with { };
        if (options.ConfigFile is { } file)
            ServerConfiguration.Take(file, configuration, limits);
        return limits.Problem() is { } problem ? throw new FormatException(problem) : limits;
    }

    static ServerLimits Configure(WebApplicationBuilder builder, ServerOptions options)
    {
        ServerLimits limits = LimitsOf(options, builder.Configuration);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.SetMinimumLevel(options.IsVerbose ? LogLevel.Information : LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // whoever starts the server hears it as an exception
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrel(kestrel => Configure(kestrel, builder.Configuration, limits)).UseUrls(UrlsOf(options));
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, WideBlocks>(); // after Kestrel, whose own would be taken instead
        builder.Services.AddRouting();
        builder.Services.AddOpenApi("v1", ApiDocument.Describe);
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configured(json.SerializerOptions));
        return limits;
    }

    /// <summary>Addresses as Kestrel takes them, also http://*:8080; it would say of others that an argument is out of range.</summary>
    static string[] UrlsOf(ServerOptions options)
    {
        string[] urls = options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        static bool IsAddress(string url)
        {
            try
            {
                var address = BindingAddress.Parse(url);
                // What follows a colon and is no port is taken for a part of the host, and then every address is listened at.
                bool isHost = address.IsUnixPipe || address.IsNamedPipe || address.Host.StartsWith('[') || !address.Host.Contains(':');
                return isHost && address.Scheme is ("http" or "https") && address.Port is >= 0 and <= IPEndPoint.MaxPort && address.PathBase == "";
            }
            catch (FormatException)
            {
                return false;
            }
        }
        return urls.DefaultIfEmpty("").FirstOrDefault(url => !IsAddress(url)) is not { } wrong ? urls : throw new FormatException(
            $"--urls takes addresses such as http://127.0.0.1:8080, separated by semicolons, but '{Problems.Shown(wrong)}' came.");
    }

    static void Configure(KestrelServerOptions kestrel, IConfiguration configuration, ServerLimits limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        kestrel.Limits.MaxRequestBodySize = limits.JsonBytes;
        kestrel.Limits.MaxRequestBufferSize = BufferedBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MinRequestBodyDataRate = limits.MinimumBodyRate > 0
            ? new MinDataRate(limits.MinimumBodyRate, TimeSpan.FromSeconds(limits.BodyGraceSeconds)) : null;
        kestrel.Configure(configuration.GetSection("Kestrel"));
    }
}
