using System.Text;
using FedValue.Cli.Commands;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Cli.Runs;

/// <summary>
/// The audit of a run folder, in the order in which its parts can be trusted: tree and roots, arithmetic, events and blobs, what is
/// recomputed, and the table made from it all.
/// </summary>
sealed class RunAudit(string folder, ILedgerStore ledger, Digest? kept)
{
    readonly DirectoryBlobStore _blobs = DirectoryBlobStore.OpenForReading(Path.Combine(folder, RunFolder.BlobFolder));

    /// <summary>Audits the folder without writing to it.</summary>
    /// <exception cref="UsageException">The entries are whole, but of arithmetic that this build does not implement.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task<AuditOutcome> RunAsync(bool recompute, CancellationToken cancellation)
    {
        AuditReport report = await AuditAsync(null, cancellation);
        bool foreign = report.State?.Created is { } created && created.Numerics != Numerics.Version;
        if (foreign && report.IsTreeWhole)
        {
            throw new UsageException(
                $"The ledger was computed with numerics {report.State!.Created!.Numerics}, this build implements {Numerics.Version}, so it "
                + "cannot judge the ledger: audit it with a build that implements its version.");
        }
        // Where the tree is damaged, the number may be as well.
        bool recomputed = recompute && !foreign;
        if (recomputed)
        {
            using var again = new RecomputeAudit(_blobs, new CpuBackend(Environment.ProcessorCount), new Lines());
            report = await AuditAsync(
                async (ledgerEvent, state, ct) => CohortDraw.Problem(ledgerEvent, state) ?? await again.CheckAsync(ledgerEvent, state, ct),
                cancellation);
        }
        bool hasTable = File.Exists(Path.Combine(folder, RunFolder.ContributionsFile));
        if (report.IsClean && await TableProblemAsync(hasTable, cancellation) is { } problem)
            report = With(report, problem);
        return new AuditOutcome(report, recomputed, kept, hasTable)
        {
            HasRoot = File.Exists(Path.Combine(folder, RunFolder.RootFile)),
            NotChecked = [.. new[] { RunFolder.ConfigFile, RunFolder.ReportFile }.Where(file => File.Exists(Path.Combine(folder, file)))],
        };
    }

    async Task<AuditReport> AuditAsync(
        Func<LedgerEvent, FederationState, CancellationToken, ValueTask<string?>>? recompute, CancellationToken cancellation)
    {
        string file = Path.Combine(folder, RunFolder.RootFile);
        TreeHead? published = File.Exists(file) ? RootFile.Read(await File.ReadAllTextAsync(file, cancellation)) : null;
        AuditReport report = await LedgerAuditor.AuditAsync(ledger, _blobs, published, kept, recompute, cancellation);
        if (published is not null)
            return report;
        // A run ends with a published root. A server's federation goes on, and whoever takes part in it keeps roots of its own.
        return File.Exists(file) ? Without("it holds something else")
            : File.Exists(Path.Combine(folder, RunFolder.ConfigFile)) ? Without("there is no such file") : report;

        AuditReport Without(string what) =>
            With(report, $"Expected the ledger's size and root in {RunFolder.RootFile}, but {what}.") with { IsTreeWhole = false };
    }

    /// <summary>Why the values cannot be read back, or the table of them does not follow from the ledger; null when all is well.</summary>
    async Task<string?> TableProblemAsync(bool hasTable, CancellationToken cancellation)
    {
        byte[] expected;
        try
        {
            expected = Encoding.UTF8.GetBytes(ContributionsCsv.Write(await FederationHistory.LoadAsync(ledger, _blobs, cancellation)));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Blobs hold what somebody put there under a matching digest: anything may go wrong in them.
            return $"The values that the ledger names cannot be read: {failure.Message}";
        }
        if (!hasTable)
            return null;
        byte[] table = await File.ReadAllBytesAsync(Path.Combine(folder, RunFolder.ContributionsFile), cancellation);
        int line = 1 + table.AsSpan(0, table.AsSpan().CommonPrefixLength(expected)).Count((byte)'\n');
        return table.AsSpan().SequenceEqual(expected) ? null
            : $"Expected {RunFolder.ContributionsFile} as it follows from the ledger, but its line {line} differs.";
    }

    static AuditReport With(AuditReport report, string problem) => report with { Findings = [.. report.Findings, new AuditFinding(null, problem)] };

    sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine("recomputing " + value);
    }
}
