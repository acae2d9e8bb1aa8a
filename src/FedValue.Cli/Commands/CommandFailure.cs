using System.CommandLine;
using System.CommandLine.Parsing;

namespace FedValue.Cli.Commands;

/// <summary>Exit codes of every command.</summary>
static class ExitCode
{
    public const int Success = 0;

    /// <summary>An audit found damage.</summary>
    public const int Damaged = 1;

    /// <summary>The arguments or files cannot be used; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>A server could not be reached for as long as it was tried; the number is that of sysexits.h, like the next two.</summary>
    public const int Unavailable = 69;

    /// <summary>A defect of this program.</summary>
    public const int Defect = 70;

    /// <summary>A file or the output failed while it was read or written.</summary>
    public const int InputOutput = 74;

    /// <summary>Interrupted, as shells number it.</summary>
    public const int Cancelled = 130;
}

/// <summary>What was asked for cannot be done; the message is one sentence for the person who asked.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>How a command says that it failed.</summary>
static class CommandFailure
{
    /// <summary>Says what is wrong, in one sentence on standard error.</summary>
    public static int Report(string sentence, int exitCode = ExitCode.Usage)
    {
        Console.Error.WriteLine("fedvalue: " + sentence);
        return exitCode;
    }

    /// <summary>Says what nobody expected; where it happened only when asked for more.</summary>
    public static int Report(Exception failure, bool verbose)
    {
        if (verbose)
            Console.Error.WriteLine(failure);
        (int exitCode, string sentence) = Judge(failure);
        return Report(sentence, exitCode);
    }

    /// <summary>Whether a failure that no command caught is one of disk and output, or a defect of this program.</summary>
    public static (int ExitCode, string Sentence) Judge(Exception failure)
    {
        string message = failure.Message.ReplaceLineEndings(" ");
        return failure is IOException or UnauthorizedAccessException
            ? (ExitCode.InputOutput, $"A file or the output could not be read or written: {message}")
            : (ExitCode.Defect, $"This is a defect of FedValue; please report it with what --verbose prints: {message}");
    }

    /// <summary>What is wrong with the arguments, and where to read on.</summary>
    public static string Sentence(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string problem = command is not RootCommand ? Spelled(parsed.Errors[0])
            : $"{Listed([.. command.Subcommands.Select(c => c.Name)])}, "
                + (parsed.UnmatchedTokens is [var word, ..] ? $"but '{word}' came." : "but none came.");
        static string Listed(string[] names) => names is [var only] ? $"The only command is {only}"
            : $"A command is {string.Join(", ", names[..^1])} or {names[^1]}";

        string path = command is RootCommand ? "" : command.Name + " ";
        return $"{problem} Run '{parsed.RootCommandResult.Command.Name} {path}--help' for the options.";
    }

    /// <summary>The library's sentence about a number names a type of .NET.</summary>
    static string Spelled(ParseError error) =>
        error.SymbolResult is OptionResult { Option: { } option, Tokens: [{ Value: var came }] }
            && error.Message.Contains("System.", StringComparison.Ordinal)
            ? $"{option.Name} takes a whole number, but '{came}' came."
            : error.Message;
}
