using System.CommandLine;
using FedValue.Cli.Joining;
using FedValue.Cli.Settings;
using FedValue.Client;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Ledger;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue join URL</c>: takes part in a federation on a server, with a native model and rows that stay here.</summary>
static class JoinCommand
{
    /// <summary>The settings that mean what they mean to <c>fedvalue simulate</c>.</summary>
    static readonly string[] SharedSettings =
        ["learning-rate", "batch-size", "momentum", "weight-decay", "local-epochs", "proximal-mu"];

    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "the server's address" };
        var federation = new Option<string>("--federation") { Description = "the federation's name", HelpName = "NAME", Required = true };
        var participant = new Option<string>("--participant") { Description = "the participant's id", HelpName = "ID", Required = true };
        var data = new Option<string>("--data")
        {
            Description = "csv:FILE[,label=COL][,drop=COL+COL], the label last if not named; features go to the model as they are",
            HelpName = "DATA",
            Required = true,
        };
        var token = new Option<string?>("--token") { Description = "enrol first, with what the operator gave", HelpName = "TOKEN" };
        var key = new Option<string?>("--key")
        {
            Description = "file of the private key, made when a token is given; ./fedvalue-ID.pem",
            HelpName = "FILE",
        };
        var ledger = new Option<string?>("--ledger") { Description = "leaf hash of the ledger's first entry, if you know it", HelpName = "HEX" };
        var state = new Option<string?>("--state")
        {
            Description = "file in which receipts and the last head are kept; with it the whole ledger is checked at the end",
            HelpName = "FILE",
        };
        var classes = new Option<string?>("--classes")
        {
            Description = "comma-separated names of the classes in their order; without it labels are 0, 1, 2, ...",
            HelpName = "NAMES",
        };
        var standardize = new Option<bool>("--standardize") { Description = "give features mean 0 and deviation 1 over the rows of the file" };
        var seed = new Option<long?>("--seed") { Description = "seed of the order of rows; the federation's", HelpName = "N" };
        var stream = new Option<uint?>("--stream")
        {
            Description = "which stream of that seed; from the participant's id. A simulated participant's is its place from 0",
            HelpName = "K",
        };
        var command = new Command("join", "Take part in a federation on a server: train a native model on a table, round by round.")
        {
            url, federation, participant, data, token, key, ledger, state, classes, standardize, seed, stream,
        };
        var shared = SimulationSettings.All.Where(setting => SharedSettings.Contains(setting.Name)).Select(setting => (setting,
            new Option<string[]>("--" + setting.Name) { Description = setting.Description, HelpName = "VALUE" })).ToList();
        foreach ((_, Option<string[]> option) in shared)
            command.Options.Add(option);

        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                SimulationOptions training = shared.Aggregate(new SimulationOptions(), (options, pair) =>
                    parsed.GetValue(pair.Item2) is { Length: > 0 } texts ? pair.setting.Set(options, texts) : options);
                string id = parsed.GetValue(participant)!;
                var wish = new JoinWish(
                    ServerOf(parsed.GetValue(url)!), parsed.GetValue(federation)!, id, parsed.GetValue(data)!,
                    parsed.GetValue(key) ?? $"fedvalue-{id}.pem")
                {
                    Token = parsed.GetValue(token),
                    Classes = parsed.GetValue(classes)?.Split(',', StringSplitOptions.TrimEntries),
                    Standardize = parsed.GetValue(standardize),
                    Training = Checked(training.Training),
                    Seed = parsed.GetValue(seed),
                    Stream = parsed.GetValue(stream),
                };
                var client = new ClientOptions
                {
                    Ledger = LedgerOf(parsed.GetValue(ledger)), StateFile = parsed.GetValue(state), Notices = new Notices(),
                };
                await Join.RunAsync(wish, client, Console.Out, cancellation);
                return ExitCode.Success;
            }
            catch (Exception wrong) when (wrong is UsageException or SimulationException or ArgumentException or FormatException)
            {
                return CommandFailure.Report(wrong.Message);
            }
            catch (FederationException refused)
            {
                string hint = refused.Code == "unauthorized" && parsed.GetValue(token) is null
                    ? " With --token and what the operator gave, this command does." : "";
                return CommandFailure.Report(refused.Message + hint, refused.Status is null ? ExitCode.Unavailable : ExitCode.Usage);
            }
            catch (TamperingException damaged)
            {
                return CommandFailure.Report(damaged.Message, ExitCode.Damaged);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("fedvalue: cancelled; the same command goes on where the federation is then.");
                return ExitCode.Cancelled;
            }
        });
        return command;
    }

    static Uri ServerOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https" ? server
            : throw new UsageException($"A server's address is written like https://fedvalue.example:8443, but '{url}' came.");

    static Digest? LedgerOf(string? hex) => hex is null ? null
        : Digest.TryParse(hex, out Digest digest) ? digest
        : throw new UsageException($"--ledger takes the {2 * Digest.Length} lower-case hex digits of a leaf hash, but '{hex}' came.");

    static TrainingSettings Checked(TrainingSettings settings) =>
        settings.Problem() is { } problem ? throw new UsageException(problem) : settings;

    /// <summary>What goes wrong for a while, on standard error.</summary>
    sealed class Notices : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine("fedvalue: " + value);
    }
}
