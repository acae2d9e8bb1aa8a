using FedValue.Server.Federations;
using FedValue.Server.Http;

namespace FedValue.Server;

/// <summary>How a server is run; what it serves stands in its data folder.</summary>
public sealed record ServerOptions
{
    /// <summary>The folder that holds everything: federations, operator token, server secret.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where to listen, separated by semicolons; endpoints in the configuration file win.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>A JSON file with the sections Kestrel (endpoints, TLS), Logging and FedValue (<see cref="ServerLimits"/>); null: none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The operator's token in the place of the one in the data folder; null: that one.</summary>
    public string? OperatorToken { get; init; }

    /// <summary>Limits that the configuration file does not set.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Whether to log what happens, not only what goes wrong.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>What gives the federations' roles their turns.</summary>
    public IFederationHosting Hosting { get; init; } = new InProcessHosting();

    /// <summary>What deadlines, signatures and tokens go by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
