using System.CommandLine;
using FedValue.Cli.Commands;
using FedValue.Orleans.Hosting;

// The server with its roles in the grains of a silo: the same options and the same API as `fedvalue serve`.
var verbose = new Option<bool>("--verbose") { Description = "say more about what happens", Recursive = true };
var siloPort = new Option<int>("--silo-port") { Description = "where silos speak to each other, on loopback", DefaultValueFactory = _ => 11111 };
var gatewayPort = new Option<int>("--gateway-port") { Description = "where clients speak to silos, on loopback", DefaultValueFactory = _ => 30000 };
ParseResult parsed = null!; // before any command runs
Command serve = ServeCommand.Create(verbose, async (options, cancellation) =>
{
    int threads = options.Limits.Threads == 0 ? Environment.ProcessorCount : options.Limits.Threads;
    SiloHosting silo = await SiloHosting.StartAsync(
        threads, options.Clock, parsed.GetValue(siloPort), parsed.GetValue(gatewayPort), cancellation);
    return (options with { Hosting = silo }, silo);
});
serve.Options.Add(siloPort);
serve.Options.Add(gatewayPort);
parsed = new RootCommand("FedValue with its roles as Orleans grains.") { verbose, serve }.Parse(args);
return await parsed.InvokeAsync(ServeCommand.Configured(parsed, new InvocationConfiguration()));
