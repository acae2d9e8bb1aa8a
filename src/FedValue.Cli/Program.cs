using System.CommandLine;
using FedValue.Cli.Commands;

Option<bool> verbose = CommandLine.Verbose();
return await CommandLine.RunAsync(args, verbose, () => new RootCommand(
    "FedValue tells every participant of a federated-learning run what its updates were worth, and pays them from a ledger anyone can check.")
{
    SimulateCommand.Create(verbose),
    ServeCommand.Create(verbose),
    AuditCommand.Create(),
    AnomaliesCommand.Create(),
    ExperimentCommand.Create(),
    JoinCommand.Create(),
    verbose,
});
