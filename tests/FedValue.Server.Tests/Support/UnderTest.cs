using FedValue.Server.Federations;
using FedValue.Tests.Cli;

namespace FedValue.Server.Tests.Support;

/// <summary>
/// What the tests of the server are about; another project runs some of them on another host, with a file of its own in this one's place.
/// </summary>
static class UnderTest
{
    /// <summary>What gives the federations' roles their turns; disposed with the server where it can be.</summary>
    public static Task<IFederationHosting> HostingAsync(TimeProvider clock) => Task.FromResult<IFederationHosting>(new InProcessHosting());

    /// <summary>How the server is run as a process.</summary>
    public static string[] ServeCommand(string data, string urls) =>
        [FedValueProcess.Host, Path.Combine(AppContext.BaseDirectory, "fedvalue.dll"), "serve", "--data", data, "--urls", urls];
}
