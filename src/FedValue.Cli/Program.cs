using System.CommandLine;
using System.Globalization;
using System.Text;
using FedValue.Cli.Commands;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
Console.OutputEncoding = Encoding.UTF8;

var root = new RootCommand(
    "FedValue tells every participant of a federated-learning run what its updates were worth, and pays them from a ledger anyone can check.")
{
    SimulateCommand.Create(),
    AuditCommand.Create(),
    ExperimentCommand.Create(),
};
ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
    return CommandFailure.Report(parsed.Errors[0].Message + $" Run 'fedvalue {parsed.CommandResult.Command.Name} --help' for the options.");
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
