using System.CommandLine;
using FedValue.Cli.Runs;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Cli.Commands;

/// <summary><c>fedvalue audit DIR</c>: checks a run's ledger as somebody who trusts nobody. Never writes into the folder.</summary>
static class AuditCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "the folder of a run" };
        var recompute = new Option<bool>("--recompute")
        {
            Description = "aggregate and value every round again from the stored updates and compare bits",
        };
        var root = new Option<string?>("--root") { Description = "the root you kept: the ledger must end there", HelpName = "HEX" };
        var json = new Option<bool>("--json") { Description = "print the findings as JSON" };
        var command = new Command("audit", "Audit a ledger: tree, order, digests, payouts; with --recompute every value, bit for bit.")
        {
            folder, recompute, root, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await RunAsync(
                    parsed.GetValue(folder)!, parsed.GetValue(recompute), parsed.GetValue(root), parsed.GetValue(json), cancellation);
            }
            catch (UsageException wrong)
            {
                return CommandFailure.Report(wrong.Message);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("fedvalue: cancelled before the audit was complete.");
                return ExitCode.Cancelled;
            }
        });
        return command;
    }

    static async Task<int> RunAsync(string folder, bool recompute, string? keptRoot, bool json, CancellationToken cancellation)
    {
        Digest? kept = keptRoot is null ? null
            : Digest.TryParse(keptRoot.ToLowerInvariant(), out Digest parsed) ? parsed
            : throw new UsageException($"--root takes the {2 * Digest.Length} hex digits of a root, but '{keptRoot}' came.");
        string ledgerFile = Path.Combine(folder, RunFolder.LedgerFile);
        if (!File.Exists(ledgerFile))
            throw new UsageException(LedgerPlace.Absent(folder));

        AuditOutcome outcome;
        try
        {
            await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(ledgerFile);
            outcome = await new RunAudit(folder, ledger, kept).RunAsync(recompute, cancellation);
        }
        catch (LedgerFormatException damaged)
        {
            var report = new AuditReport(new TreeHead(0, default), null, [new AuditFinding(null, damaged.Message)], null, IsTreeWhole: false);
            outcome = new AuditOutcome(report, Recomputed: false, kept, HasTable: false);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The audit cannot be made here, which says nothing about the ledger: {unreadable.Message}");
        }
        Console.WriteLine(json ? outcome.ToJson().ToJsonString() : outcome.ToText());
        return outcome.Report.IsClean ? ExitCode.Success : ExitCode.Damaged;
    }
}
