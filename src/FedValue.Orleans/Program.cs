using System.CommandLine;
using FedValue.Cli.Commands;
using FedValue.Orleans.Hosting;
using FedValue.Server;

// The server with its roles in the grains of a silo: the same options and the same API as `fedvalue serve`.
Option<bool> verbose = CommandLine.Verbose();
var siloPort = new Option<int>(SiloHosting.SiloPortOption)
{
    Description = "where silos speak to each other, on loopback",
    DefaultValueFactory = _ => 11111,
};
var gatewayPort = new Option<int>(SiloHosting.GatewayPortOption) { Description = "where clients speak to silos, on loopback; 0: nowhere" };
return await CommandLine.RunAsync(args, verbose, () =>
{
    Command serve = ServeCommand.Create(verbose, async (parsed, options, cancellation) =>
    {
        int threads = ServerApplication.LimitsOf(options).Threads is var named and > 0 ? named : Environment.ProcessorCount;
        SiloHosting silo = await SiloHosting.StartAsync(
            threads, options.Clock, parsed.GetValue(siloPort), parsed.GetValue(gatewayPort), cancellation);
        return (options with { Hosting = silo }, silo);
    });
    serve.Options.Add(siloPort);
    serve.Options.Add(gatewayPort);
    return new RootCommand("FedValue with its roles as Orleans grains.") { verbose, serve };
});
