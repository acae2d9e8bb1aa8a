using System.CommandLine;
using System.Globalization;
using System.Text;
using FedValue.Cli.Commands;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var verbose = new Option<bool>("--verbose")
{
    Description = "print what the program notes about itself on standard error",
    Recursive = true,
};
try
{
    Console.OutputEncoding = Encoding.UTF8;
    var root = new RootCommand(
        "FedValue tells every participant of a federated-learning run what its updates were worth, and pays them from a ledger anyone can check.")
    {
        SimulateCommand.Create(verbose),
        ServeCommand.Create(verbose),
        AuditCommand.Create(),
        AnomaliesCommand.Create(),
        ExperimentCommand.Create(),
        JoinCommand.Create(),
        verbose,
    };
    ParseResult parsed = root.Parse(args);
    return parsed.Errors.Count > 0
        ? CommandFailure.Report(CommandFailure.Sentence(parsed))
        : await parsed.InvokeAsync(
            ServeCommand.Configured(parsed, new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30), // what is under way ends, and what is unfinished is cleared
            }));
}
catch (Exception failure)
{
    return CommandFailure.Report(failure, args.Contains(verbose.Name));
}
