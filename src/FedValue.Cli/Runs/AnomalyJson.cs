using System.Text.Json.Nodes;
using FedValue.Valuation.Anomalies;

namespace FedValue.Cli.Runs;

/// <summary>An anomaly report for programs: as it stands in run.json and as <c>fedvalue anomalies --json</c> prints it.</summary>
static class AnomalyJson
{
    /// <summary>Findings, scores and what was not looked for.</summary>
    /// <param name="anomalies">The report.</param>
    /// <param name="gramLimit">The largest number of updates for which a round's Gram matrix is kept.</param>
    public static JsonObject Of(AnomalyReport anomalies, int gramLimit) => new()
    {
        ["findings"] = new JsonArray([.. anomalies.Findings.Select(Finding)]),
        ["scores"] = new JsonArray([.. anomalies.Scores.Select(Scores)]),
        ["notLookedFor"] = new JsonArray([.. AnomalyLimits.NotLookedFor(anomalies, gramLimit).Select(sentence => JsonValue.Create(sentence))]),
    };

    static JsonObject Finding(AnomalyFinding finding) => new()
    {
        ["kind"] = finding.Kind,
        ["participants"] = new JsonArray([.. finding.Participants.Select(p => JsonValue.Create(p))]),
        ["certain"] = finding.IsCertain,
        ["sentence"] = finding.Sentence,
    };

    static JsonObject Scores(AnomalyScores scores) => new()
    {
        ["participant"] = scores.Participant,
        ["rounds"] = scores.Rounds,
        ["agreement"] = scores.Agreement,
        ["closest"] = scores.Closest,
        ["closeness"] = scores.Closeness,
        ["normRatio"] = scores.NormRatio,
        ["examplesRatio"] = scores.ExamplesRatio,
        ["ownDistance"] = scores.OwnDistance,
        ["stepDistance"] = scores.StepDistance,
        ["lossRatio"] = scores.LossRatio,
    };
}
