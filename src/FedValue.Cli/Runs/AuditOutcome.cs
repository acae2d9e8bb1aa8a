using System.Text.Json.Nodes;
using FedValue.Cli.Reporting;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Valuation.Sampling;

namespace FedValue.Cli.Runs;

/// <summary>What an audit says to a reader.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Recomputed">Whether rounds were computed again.</param>
/// <param name="Kept">The root that the auditor kept; null when there was none.</param>
/// <param name="HasTable">Whether there was a table of contributions to compare.</param>
sealed record AuditOutcome(AuditReport Report, bool Recomputed, Digest? Kept, bool HasTable)
{
    /// <summary>Whether there was a <c>root.txt</c> to compare.</summary>
    public bool HasRoot { get; init; }

    /// <summary>Files of the folder that an audit does not look at.</summary>
    public IReadOnlyList<string> NotChecked { get; init; } = [];

    const string ConsistencyOnly =
        "No root of yours was compared (--root), so this proves that the ledger is consistent in itself, not that it is the one you saw before.";

    public string ToText()
    {
        var lines = new List<string>();
        if (Report.IsClean)
        {
            FederationState state = Report.State!;
            lines.Add($"clean: {Figures.Entries(Report.Head.Size)}, {Figures.Count(state.RoundsPaid, "round")}, "
                + Figures.Count(state.Participants.Count, "participant")
                + (state.RoundsAbandoned is { IsEmpty: false } abandoned ? $"; abandoned unpaid: {(abandoned.Count == 1 ? "round" : "rounds")} "
                    + string.Join(", ", abandoned) : ""));
            if (!state.IsClosed)
                lines.Add("not closed: the federation goes on" + (state.Round is { } round ? $"; round {round.Number} is not paid yet" : ""));
            lines.Add($"root: {Report.Head.Root}");
            lines.Add("checked: every entry's hash, the tree, the order of events, every blob, payouts follow from values and sum to budgets"
                + (HasRoot ? $", {RunFolder.RootFile}" : "") + (HasTable ? $", {RunFolder.ContributionsFile}" : ""));
            if (NotChecked.Count > 0)
                lines.Add($"not checked: {string.Join(" and ", NotChecked)}; what counts is the ledger");
            lines.Add(Recomputed
                ? "recomputed: who was invited and which aggregator was drawn, every model and value from the stored updates, bit for bit" + Timed()
                : "not recomputed: values were taken as recorded (--recompute)");
        }
        else
        {
            lines.Add(Report.FirstWrongEntry is { } entry ? $"DAMAGED: the first wrong entry is {entry}" : "DAMAGED");
            lines.AddRange(Report.Findings.Select(finding => finding.Entry is { } at ? $"entry {at}: {finding.Problem}" : finding.Problem));
        }
        if (Kept is { } kept)
            lines.Add($"compared with the root you kept: {(Report.Head.Root == kept ? "equal" : "DIFFERENT")}");
        else if (Report.IsClean)
            lines.Add(ConsistencyOnly);
        return string.Join('\n', lines);
    }

    string Timed() => Report.State!.Terms.Sampling.Stop.Text is not "" and var stop && StopCondition.Parse(stop).HasTimeLimit
        ? $"; where the time stopped sampling ({stop}), the recorded number of permutations was taken, as one that is possible"
        : "";

    public JsonObject ToJson() => new()
    {
        ["clean"] = Report.IsClean,
        ["entries"] = Report.Head.Size,
        ["root"] = Report.Head.Root.ToString(),
        ["closed"] = Report.State?.IsClosed ?? false,
        ["openRound"] = Report.State?.Round?.Number,
        ["abandonedRounds"] = new JsonArray([.. (Report.State?.RoundsAbandoned ?? []).Select(round => (JsonNode)round)]),
        ["recomputed"] = Recomputed,
        ["comparedWithKeptRoot"] = Kept is not null,
        ["comparedRootFile"] = HasRoot,
        ["comparedContributions"] = HasTable && Report.IsClean,
        ["firstWrongEntry"] = Report.FirstWrongEntry,
        ["findings"] = new JsonArray([.. Report.Findings.Select(f => new JsonObject { ["entry"] = f.Entry, ["problem"] = f.Problem })]),
    };
}
