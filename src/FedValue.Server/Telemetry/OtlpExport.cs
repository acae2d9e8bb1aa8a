using FedValue.Federation.Hosting;
using FedValue.Server.Federations;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FedValue.Server.Telemetry;

/// <summary>
/// Sends spans and figures by OTLP where the environment names an endpoint; nobody listens to them otherwise. Protocol, headers, intervals, sampling
/// and the service's name are the environment's too. What cannot be delivered is dropped.
/// </summary>
sealed class OtlpExport : IDisposable
{
    const int FarewellMilliseconds = 3000;

    readonly TracerProvider? _traces;
    readonly MeterProvider? _metrics;

    /// <summary>Begins to listen and to send.</summary>
    /// <param name="targets">Which signals.</param>
    /// <param name="hosting">Names sources and meters of its own.</param>
    public OtlpExport(OtlpTargets targets, IFederationHosting hosting)
    {
        if (targets.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Service())
                .AddSource([ServerTelemetry.Name, RoundTracing.SourceName, "Microsoft.AspNetCore", .. hosting.ActivitySources])
                .AddOtlpExporter().Build();
        }
        if (targets.Metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Service())
                .AddMeter([ServerTelemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"])
                .AddMeter([.. hosting.Meters])
                .AddOtlpExporter().Build();
        }
    }

    /// <summary>Sends what was not sent yet, for three seconds at most.</summary>
    public void Dispose()
    {
        Parallel.Invoke(() => _traces?.Shutdown(FarewellMilliseconds), () => _metrics?.Shutdown(FarewellMilliseconds));
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>The environment comes last, so that it wins.</summary>
    static ResourceBuilder Service() => ResourceBuilder.CreateEmpty()
        .AddService("fedvalue", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString())
        .AddTelemetrySdk().AddEnvironmentVariableDetector();
}
