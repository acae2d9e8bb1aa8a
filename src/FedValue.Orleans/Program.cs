using System.CommandLine;
using FedValue.Cli.Commands;
using FedValue.Orleans.Hosting;
using FedValue.Server;

// The server with its roles in the grains of a silo: the same options and the same API as `fedvalue serve`.
var verbose = new Option<bool>("--verbose") { Description = "say more about what happens", Recursive = true };
var siloPort = new Option<int>(SiloHosting.SiloPortOption)
{
    Description = "where silos speak to each other, on loopback",
    DefaultValueFactory = _ => 11111,
};
var gatewayPort = new Option<int>(SiloHosting.GatewayPortOption) { Description = "where clients speak to silos, on loopback; 0: nowhere" };
ParseResult parsed = null!; // before any command runs
Command serve = ServeCommand.Create(verbose, async (options, cancellation) =>
{
    int threads = ServerApplication.LimitsOf(options).Threads is var named and > 0 ? named : Environment.ProcessorCount;
    SiloHosting silo = await SiloHosting.StartAsync(
        threads, options.Clock, parsed.GetValue(siloPort), parsed.GetValue(gatewayPort), cancellation);
    return (options with { Hosting = silo }, silo);
});
serve.Options.Add(siloPort);
serve.Options.Add(gatewayPort);
parsed = new RootCommand("FedValue with its roles as Orleans grains.") { verbose, serve }.Parse(args);
return await parsed.InvokeAsync(ServeCommand.Configured(parsed, new InvocationConfiguration()));
