namespace FedValue.Ledger;

/// <summary>Why terms cannot hold.</summary>
/// <param name="Term">The term to blame, as the first entry spells it without what it stands in, for example <c>normLimit</c>; of a schedule
/// with it: <c>schedule.quorum</c>.</param>
/// <param name="Sentence">What was expected and what came.</param>
public sealed record TermsFault(string Term, string Sentence);
