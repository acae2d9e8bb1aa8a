using System.CommandLine;
using System.Text.Json.Nodes;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
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
            : Digest.TryParse(keptRoot, out Digest parsed) ? parsed
            : throw new UsageException($"--root takes the {2 * Digest.Length} lower-case hex digits of a root, but '{keptRoot}' came.");
        string ledgerFile = Path.Combine(folder, RunFolder.LedgerFile);
        if (!File.Exists(ledgerFile))
            throw new UsageException($"There is no ledger in '{folder}': expected the file {RunFolder.LedgerFile} of a run.");

        AuditOutcome outcome;
        try
        {
            await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(ledgerFile);
            if (recompute)
                await RefuseForeignNumericsAsync(ledger, cancellation);
            outcome = await AuditAsync(folder, ledger, recompute, kept, cancellation);
        }
        catch (Exception unreadable) when (unreadable is LedgerFormatException or IOException or UnauthorizedAccessException)
        {
            var report = new AuditReport(new TreeHead(0, default), null, [new AuditFinding(null, unreadable.Message)], null);
            outcome = new AuditOutcome(report, recompute, kept);
        }
        Console.WriteLine(json ? outcome.ToJson().ToJsonString() : outcome.ToText());
        return outcome.Report.IsClean ? ExitCode.Success : ExitCode.Damaged;
    }

    static async Task<AuditOutcome> AuditAsync(
        string folder, ILedgerStore ledger, bool recompute, Digest? kept, CancellationToken cancellation)
    {
        var blobs = new DirectoryBlobStore(Path.Combine(folder, RunFolder.BlobFolder));
        string rootFile = Path.Combine(folder, RunFolder.RootFile);
        TreeHead? published = File.Exists(rootFile) ? RootFile.Read(await File.ReadAllTextAsync(rootFile, cancellation)) : null;
        RecomputeAudit? again = recompute ? new RecomputeAudit(blobs, new CpuBackend(Environment.ProcessorCount), new Lines()) : null;
        AuditReport report = await LedgerAuditor.AuditAsync(
            ledger, blobs, published, kept, again is null ? null : again.CheckAsync, cancellation);
        if (published is null)
        {
            string problem = $"Expected the ledger's size and root in {RunFolder.RootFile}, but there is no such file or it holds something else.";
            report = report with { Findings = [.. report.Findings, new AuditFinding(null, problem)] };
        }
        return new AuditOutcome(report, recompute, kept);
    }

    /// <summary>Other arithmetic gives other bits: that is no sign of tampering, so it must not be called one.</summary>
    static async Task RefuseForeignNumericsAsync(ILedgerStore ledger, CancellationToken cancellation)
    {
        await foreach (LedgerEntry entry in ledger.ReadAsync(0, cancellation))
        {
            LedgerEvent first;
            try
            {
                first = EventJson.Parse(entry.Bytes.Span);
            }
            catch (LedgerFormatException)
            {
                return; // the audit itself will say what is wrong with it
            }
            if (first is FederationCreated created && created.Numerics != Numerics.Version)
            {
                throw new UsageException($"The ledger was computed with numerics {created.Numerics}, this build implements {Numerics.Version}: " +
                    "recompute it with a build that implements its version, or audit it without --recompute.");
            }
            return;
        }
    }

    sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine("recomputing " + value);
    }
}

/// <summary>What an audit says to a reader.</summary>
sealed record AuditOutcome(AuditReport Report, bool Recomputed, Digest? Kept)
{
    const string ConsistencyOnly =
        "No root of yours was compared (--root), so this proves that the ledger is consistent in itself, not that it is the one you saw before.";

    public string ToText()
    {
        var lines = new List<string>();
        if (Report.IsClean)
        {
            FederationState state = Report.State!;
            lines.Add($"clean: {Report.Head.Size} entries, {state.RoundsPaid} rounds, {state.Participants.Count} participants");
            lines.Add($"root: {Report.Head.Root}");
            lines.Add("checked: every entry's hash, the tree, the order of events, every blob, payouts follow from values and sum to budgets");
            lines.Add(Recomputed
                ? "recomputed: every draw, model and value from the stored updates, bit for bit"
                : "not recomputed: values were taken as recorded (--recompute)");
        }
        else
        {
            lines.Add(Report.FirstWrongEntry is { } entry ? $"DAMAGED: the first wrong entry is {entry}" : "DAMAGED");
            lines.AddRange(Report.Findings.Select(finding => finding.Entry is { } at ? $"entry {at}: {finding.Problem}" : finding.Problem));
        }
        lines.Add(Kept is null ? ConsistencyOnly : $"compared with the root you kept: {(Report.Head.Root == Kept ? "equal" : "DIFFERENT")}");
        return string.Join('\n', lines);
    }

    public JsonObject ToJson() => new()
    {
        ["clean"] = Report.IsClean,
        ["entries"] = Report.Head.Size,
        ["root"] = Report.Head.Root.ToString(),
        ["recomputed"] = Recomputed,
        ["comparedWithKeptRoot"] = Kept is not null,
        ["firstWrongEntry"] = Report.FirstWrongEntry,
        ["findings"] = new JsonArray([.. Report.Findings.Select(f => new JsonObject { ["entry"] = f.Entry, ["problem"] = f.Problem })]),
    };
}
