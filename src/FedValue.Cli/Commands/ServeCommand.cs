using System.CommandLine;
using System.Net.Sockets;
using FedValue.Cli.Reporting;
using FedValue.Server;
using Microsoft.AspNetCore.Connections;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue serve</c>: federations of real trainers over HTTP, until the process is told to stop.</summary>
public static class ServeCommand
{
    const double StopSeconds = 25; // less than the 30 after which a container is killed

    const string Name = "serve", TokenVariable = "FEDVALUE_OPERATOR_TOKEN";

    /// <summary>The command.</summary>
    /// <param name="verbose">The option that all commands share.</param>
    /// <param name="prepare">
    /// Looks at the options, and whatever else was asked for, before the server starts, and may change them; what it gives back is disposed after it.
    /// </param>
    public static Command Create(
        Option<bool> verbose,
        Func<ParseResult, ServerOptions, CancellationToken, Task<(ServerOptions Options, IAsyncDisposable After)>>? prepare = null)
    {
        var data = new Option<string>("--data")
        {
            Description = "folder of the federations, their ledgers and blobs, the operator's token and the server's secret",
            Required = true,
            HelpName = "DIR",
        };
        var urls = new Option<string?>("--urls")
        {
            Description = "where to listen, separated by semicolons; http://127.0.0.1:8080",
            HelpName = "URLS",
        };
        var config = new Option<string?>("--config")
        {
            Description = "a JSON file with the sections Kestrel (endpoints, TLS), Logging and FedValue (limits)",
            HelpName = "FILE",
        };
        var command = new Command(Name, "Serve federations over HTTP: trainers enrol, upload updates, read what they earned.")
        {
            data, urls, config,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string folder = parsed.GetValue(data)!;
            if (File.Exists(folder))
                return CommandFailure.Report($"--data takes a folder, which the server makes where it is missing, but '{folder}' is a file.");
            var options = new ServerOptions
            {
                DataFolder = folder,
                ConfigFile = parsed.GetValue(config),
                OperatorToken = Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token ? token : null,
                IsVerbose = parsed.GetValue(verbose),
            };
            if (parsed.GetValue(urls) is { } named)
                options = options with { Urls = named };
            try
            {
                if (prepare is null)
                    return await RunAsync(options, cancellation);
                (options, IAsyncDisposable after) = await prepare(parsed, options, cancellation);
                await using (after)
                    return await RunAsync(options, cancellation);
            }
            catch (IOException taken) when (taken.InnerException is AddressInUseException)
            {
                return CommandFailure.Report(
                    $"The server could not be started: {taken.Message.TrimEnd('.')}; end what listens there, or name another address with --urls.");
            }
            catch (SocketException refused)
            {
                return CommandFailure.Report(
                    $"The server could not be started: it cannot listen at {options.Urls} ({refused.Message}); name another address with --urls.");
            }
            catch (Exception wrong) when (wrong is FormatException or IOException or InvalidOperationException or UnauthorizedAccessException
                or InvalidDataException)
            {
                return CommandFailure.Report($"The server could not be started: {wrong.Message.ReplaceLineEndings(" ")}");
            }
        });
        return command;
    }

    /// <summary>How a parsed command line is run: a server that is told to stop lets requests end and sends what it measured.</summary>
    public static InvocationConfiguration Configured(ParseResult parsed, InvocationConfiguration invocation)
    {
        if (parsed.CommandResult.Command.Name == Name)
            invocation.ProcessTerminationTimeout = TimeSpan.FromSeconds(StopSeconds);
        return invocation;
    }

    static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellation)
    {
        await using ServerApplication server = await ServerApplication.StartAsync(options, cancellation);
        string federations = Figures.Count(server.Federations, "federation");
        string notOpened = server.FederationsNotOpened is 0 ? "" : $" ({server.FederationsNotOpened} could not be opened)";
        Console.WriteLine($"serving {federations}{notOpened} of '{options.DataFolder}' at {string.Join(" ", server.Addresses)}");
        Console.WriteLine(server.OperatorTokenFile is { } file ? $"operator token: {file}" : $"operator token: as {TokenVariable} says");
        await server.WaitForShutdownAsync(cancellation);
        return ExitCode.Success;
    }
}
