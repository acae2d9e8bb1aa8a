namespace FedValue.Valuation.Anomalies;

/// <summary>Something to look at. A finding is no verdict, changes no value and no payout.</summary>
/// <param name="Kind">A short code, for example <c>near-duplicate</c>.</param>
/// <param name="Participants">Whom it concerns, in ordinal order.</param>
/// <param name="IsCertain">Whether it is a fact about bytes rather than a suspicion about numbers.</param>
/// <param name="Sentence">What was seen, with the figure and what is usual.</param>
public sealed record AnomalyFinding(string Kind, IReadOnlyList<string> Participants, bool IsCertain, string Sentence);

/// <summary>A participant's figures over all rounds it took part in; null where nothing could be measured.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Rounds">In how many rounds its update was accepted.</param>
/// <param name="Agreement">Mean cosine of its updates with the sum of all others' updates, -1 to 1.</param>
/// <param name="Closest">The participant whose updates point most nearly its way.</param>
/// <param name="Closeness">How nearly: mean cosine over the rounds of both, -1 to 1.</param>
/// <param name="NormRatio">Mean over rounds of its norm over the round's median norm.</param>
/// <param name="ExamplesRatio">Mean over rounds of its claimed examples over the round's median.</param>
/// <param name="OwnDistance">Median over rounds of how far its update is from its first or its previous one, over that one's norm.</param>
/// <param name="StepDistance">Median over rounds of how far its update is from the federation's last step, over that step's norm.</param>
/// <param name="LossRatio">Median over rounds of its claimed training loss over the validation loss of its own model.</param>
public sealed record AnomalyScores(
    string Participant, int Rounds, double? Agreement, string? Closest, double? Closeness, double? NormRatio, double ExamplesRatio,
    double? OwnDistance, double? StepDistance, double? LossRatio);
