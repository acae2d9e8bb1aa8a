using System.CommandLine;
using FedValue.Cli.Output;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Anomalies;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue anomalies DIR</c>: who behaves oddly in a run or in a federation that is served. Never writes into the folder.</summary>
static class AnomaliesCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "the folder of a run, or of a federation in a server's data folder" };
        var json = new Option<bool>("--json") { Description = "print findings and figures as JSON" };
        var command = new Command("anomalies", "Say who behaves oddly in the paid rounds: repeated bytes, near-duplicates, odd norms and claims.")
        {
            folder, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                await RunAsync(parsed.GetValue(folder)!, parsed.GetValue(json), cancellation);
                return ExitCode.Success;
            }
            catch (UsageException wrong)
            {
                return CommandFailure.Report(wrong.Message);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("fedvalue: cancelled before everything was read.");
                return ExitCode.Cancelled;
            }
        });
        return command;
    }

    static async Task RunAsync(string folder, bool json, CancellationToken cancellation)
    {
        string ledgerFile = Path.Combine(folder, RunFolder.LedgerFile);
        if (!File.Exists(ledgerFile))
            throw new UsageException(LedgerPlace.Absent(folder));
        var blobs = DirectoryBlobStore.OpenForReading(Path.Combine(folder, RunFolder.BlobFolder));
        FederationHistory history;
        AnomalyReport anomalies;
        try
        {
            await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(ledgerFile); // a server may be writing to it
            history = await FederationHistory.LoadAsync(ledger, blobs, cancellation);
            anomalies = await AnomalyScan.RunAsync(history, blobs, cancellation);
        }
        catch (Exception damaged) when (damaged is LedgerFormatException or LedgerOrderException or BlobException or SafetensorsException
            or ModelMismatchException)
        {
            throw new UsageException($"What '{folder}' holds cannot be read; 'fedvalue audit' says what is wrong with it: {damaged.Message}");
        }
        if (json)
            Console.WriteLine(AnomalyJson.Of(anomalies, history.Created.Terms.GramLimit).ToJsonString());
        else
            AnomalyTable.Print(anomalies, history);
    }
}
