using System.CommandLine;
using System.Globalization;
using System.Text;

namespace FedValue.Cli.Commands;

/// <summary>How a program of this house runs a command line: whatever cannot be done is one sentence and an exit code of its own.</summary>
public static class CommandLine
{
    /// <summary>The option that every command has.</summary>
    public static Option<bool> Verbose() => new("--verbose")
    {
        Description = "print what the program notes about itself on standard error",
        Recursive = true,
    };

    /// <summary>Parses the arguments and runs the command that they name.</summary>
    /// <param name="arguments">What the process was given.</param>
    /// <param name="verbose">What <see cref="Verbose"/> made.</param>
    /// <param name="root">Makes the commands.</param>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(string[] arguments, Option<bool> verbose, Func<RootCommand> root)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            Console.OutputEncoding = Encoding.UTF8;
            ParseResult parsed = root().Parse(arguments);
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
            return CommandFailure.Report(failure, arguments.Contains(verbose.Name));
        }
    }
}
