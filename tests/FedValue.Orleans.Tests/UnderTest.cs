using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedValue.Orleans.Hosting;
using FedValue.Server.Federations;
using FedValue.Tests.Cli;

namespace FedValue.Server.Tests.Support;

/// <summary>What the server's tests are about here: the server on a silo.</summary>
static class UnderTest
{
    public static async Task<IFederationHosting> HostingAsync(TimeProvider clock) =>
        await SiloHosting.StartAsync(threads: 1, clock, FreePort(), FreePort());

    public static string[] ServeCommand(string data, string urls) =>
    [
        FedValueProcess.Host, Path.Combine(AppContext.BaseDirectory, "fedvalue-orleans.dll"), "serve", "--data", data, "--urls", urls,
        "--silo-port", Text(FreePort()), "--gateway-port", Text(FreePort()),
    ];

    static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
