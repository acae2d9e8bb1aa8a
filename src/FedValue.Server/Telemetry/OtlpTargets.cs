namespace FedValue.Server.Telemetry;

/// <summary>Which signals are sent, by the environment that OpenTelemetry knows everywhere.</summary>
/// <param name="Traces">Whether spans are.</param>
/// <param name="Metrics">Whether figures are.</param>
sealed record OtlpTargets(bool Traces, bool Metrics)
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>What the process was started with.</summary>
    /// <exception cref="FormatException">An endpoint or a protocol cannot be used.</exception>
    public static OtlpTargets OfEnvironment() => Of(Environment.GetEnvironmentVariable);

    /// <summary>What the variables say.</summary>
    /// <exception cref="FormatException">An endpoint or a protocol cannot be used.</exception>
    public static OtlpTargets Of(Func<string, string?> variable)
    {
        bool isDisabled = string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return isDisabled ? new OtlpTargets(false, false) : new OtlpTargets(Sends(variable, "TRACES"), Sends(variable, "METRICS"));
    }

    static bool Sends(Func<string, string?> variable, string signal)
    {
        if (variable($"OTEL_{signal}_EXPORTER") == "none")
            return false;
        string own = Endpoint.Replace("OTLP_", $"OTLP_{signal}_"), ownProtocol = Protocol.Replace("OTLP_", $"OTLP_{signal}_");
        string name = string.IsNullOrEmpty(variable(own)) ? Endpoint : own;
        if (variable(name) is not { Length: > 0 } endpoint)
            return false;
        // The exporter would go on to its default in silence, and nobody would ever see a span.
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new FormatException($"{name} takes an http or https address such as http://collector:4317, but '{endpoint}' came.");
        name = string.IsNullOrEmpty(variable(ownProtocol)) ? Protocol : ownProtocol;
        return variable(name) is null or "" or "grpc" or "http/protobuf"
            ? true
            : throw new FormatException($"{name} takes grpc or http/protobuf, but '{variable(name)}' came.");
    }
}
