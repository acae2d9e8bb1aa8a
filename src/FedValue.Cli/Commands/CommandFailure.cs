namespace FedValue.Cli.Commands;

/// <summary>Exit codes of every command.</summary>
static class ExitCode
{
    public const int Success = 0;

    /// <summary>An audit found damage.</summary>
    public const int Damaged = 1;

    /// <summary>The arguments or files cannot be used; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted, as shells number it.</summary>
    public const int Cancelled = 130;
}

/// <summary>What was asked for cannot be done; the message is one sentence for the person who asked.</summary>
sealed class UsageException(string message) : Exception(message);

static class CommandFailure
{
    /// <summary>Says what is wrong, in one sentence on standard error.</summary>
    public static int Report(string sentence)
    {
        Console.Error.WriteLine("fedvalue: " + sentence);
        return ExitCode.Usage;
    }
}
