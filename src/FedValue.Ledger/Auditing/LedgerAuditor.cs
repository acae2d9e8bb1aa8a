using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Auditing;

/// <summary>Reads a ledger as somebody who trusts nobody: every byte, every rule, every blob, every payout.</summary>
public static class LedgerAuditor
{
    /// <summary>
    /// Reads every entry once, in order: its leaf hash, its place, its form, the rules of order, the blobs it names, and whether its
    /// payouts follow from the values. After the first wrong entry the later ones are only hashed, for the root.
    /// </summary>
    /// <param name="ledger">The entries; one that cannot be read is a finding.</param>
    /// <param name="blobs">The blobs; one that cannot be read is a finding.</param>
    /// <param name="published">The head that lies beside the ledger; null compares nothing.</param>
    /// <param name="kept">The root that the auditor noted earlier for this ledger; null compares nothing.</param>
    /// <param name="recompute">
    /// Looks at each event after it was applied to the state; what it returns, unless null, becomes a finding about that entry.
    /// </param>
    /// <param name="ct">Stops the audit.</param>
    public static async Task<AuditReport> AuditAsync(
        ILedgerStore ledger,
        IBlobStore blobs,
        TreeHead? published = null,
        Digest? kept = null,
        Func<LedgerEvent, FederationState, CancellationToken, ValueTask<string?>>? recompute = null,
        CancellationToken ct = default)
    {
        EntryAudit entries = new(new EventAudit(blobs, recompute), published?.Size);
        // A part of the entries has another root than all of them, which says nothing.
        List<AuditFinding> tree = await ReadAllAsync(ledger, entries, ct) is { } unreadable ? [unreadable]
            : [.. TreeFindings(entries, published, kept)];
        List<AuditFinding> findings = [.. entries.Findings, .. tree];
        return new AuditReport(
            entries.Head, findings.FirstOrDefault(finding => finding.Entry is not null)?.Entry, findings, entries.State,
            IsTreeWhole: entries.IsTreeWhole && tree.Count == 0);
    }

    static IEnumerable<AuditFinding> TreeFindings(EntryAudit entries, TreeHead? published, Digest? kept)
    {
        if (entries.Head.Size == 0)
            yield return new AuditFinding(null, "Expected a ledger that begins with FederationCreated, but it has no entries.");
        if (published is not null && published != entries.Head)
            yield return HeadFinding(published, entries);
        if (kept is { } root && root != entries.Head.Root)
            yield return new AuditFinding(null, $"Expected the kept root {root}, but the entries have {entries.Head.Root}.");
    }

    static async Task<AuditFinding?> ReadAllAsync(ILedgerStore ledger, EntryAudit entries, CancellationToken ct)
    {
        await using IAsyncEnumerator<LedgerEntry> reading = ledger.ReadAsync(0, ct).GetAsyncEnumerator(ct);
        while (true)
        {
            (bool more, Exception? failure) = await NextAsync(reading);
            if (failure is not null)
            {
                return new AuditFinding(
                    (failure as LedgerFormatException)?.Entry,
                    $"The ledger could not be read past its first {entries.Head.Size} entries: {failure.Message}");
            }

            if (!more)
                return null;
            await entries.LookAtAsync(reading.Current, ct);
        }
    }

    // Only the store's errors are findings; those of a recomputation are for whoever passed it.
    static async ValueTask<(bool More, Exception? Failure)> NextAsync(IAsyncEnumerator<LedgerEntry> reading)
    {
        try
        {
            return (await reading.MoveNextAsync(), null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (false, e);
        }
    }

    static AuditFinding HeadFinding(TreeHead published, EntryAudit entries)
    {
        TreeHead head = entries.Head;
        if (entries.Next < published.Size)
        {
            return new AuditFinding(
                entries.Next,
                $"The published head has {published.Size} entries, but the ledger ends before entry {entries.Next}: that entry is missing.");
        }

        string difference = $"Expected the {published.Size} entries of the published head, but there are {head.Size}";
        string problem = published.Size == head.Size ? $"Expected the published root {published.Root}, but the entries have {head.Root}."
            : published.Size > head.Size ? $"{difference}."
            : entries.RootAtPublishedSize == published.Root
                ? $"{difference}: the first {published.Size} are the published ones, the others were not published."
                : $"{difference}, and they do not begin with the published ones.";
        return new AuditFinding(null, problem);
    }
}
