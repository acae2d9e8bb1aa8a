using FedValue.Ledger.Merkle;

namespace FedValue.Ledger.Auditing;

/// <summary>What an audit found.</summary>
/// <param name="Head">Size and root over the bytes that were read.</param>
/// <param name="FirstWrongEntry">The first entry with a finding; null when no finding is about one.</param>
/// <param name="Findings">Everything that is wrong, entries first; empty when the ledger holds what it promises.</param>
/// <param name="State">What the ledger says up to the last event that could follow; null when there was none.</param>
/// <param name="IsTreeWhole">
/// Whether every entry was read in its place with its leaf hash, and the root is the published and the kept one: then the entries are those
/// that were committed to, whatever they say.
/// </param>
public sealed record AuditReport(
    TreeHead Head, long? FirstWrongEntry, IReadOnlyList<AuditFinding> Findings, FederationState? State, bool IsTreeWhole)
{
    /// <summary>Whether there is no finding.</summary>
    public bool IsClean => Findings.Count == 0;
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Entry">The index of the entry; null when it is about the ledger as a whole.</param>
/// <param name="Problem">What was expected and what came.</param>
public sealed record AuditFinding(long? Entry, string Problem);
