namespace FedValue.Protocol.Contracts;

/// <summary>What participants contributed, by every method, in paid rounds.</summary>
/// <param name="Methods">The methods in the order of the terms.</param>
/// <param name="RoundsPaid">How many rounds were paid.</param>
/// <param name="Rounds">Round by round, those that were asked for.</param>
/// <param name="Totals">Over all paid rounds, whatever round was asked for; a missed round counts 0.</param>
public sealed record Contributions(
    IReadOnlyList<string> Methods, int RoundsPaid, IReadOnlyList<RoundContributions> Rounds, IReadOnlyList<Contribution> Totals);

/// <summary>One round's contributions.</summary>
/// <param name="Round">Its number.</param>
/// <param name="Values">Methods in their order, participants in ordinal order.</param>
public sealed record RoundContributions(int Round, IReadOnlyList<Contribution> Values);

/// <summary>What one method says about one participant.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Method">The method.</param>
/// <param name="Value">The value.</param>
/// <param name="SamplingError">Standard error of sampling; null where the value was not sampled.</param>
/// <param name="ValidationError">Standard error over the validation rows; null where the method uses none.</param>
/// <param name="Low">Where the 95 % interval begins; null where there is none.</param>
/// <param name="High">Where it ends.</param>
public sealed record Contribution(
    string Participant, string Method, double Value, double? SamplingError, double? ValidationError, double? Low, double? High);

/// <summary>What rounds paid, in minor units.</summary>
/// <param name="Rounds">Round by round, those that were asked for.</param>
public sealed record PayoutList(IReadOnlyList<RoundPayouts> Rounds);

/// <summary>What one round paid.</summary>
/// <param name="Round">Its number.</param>
/// <param name="Budget">What it had.</param>
/// <param name="Unallocated">What nobody earned.</param>
/// <param name="Payouts">Who earned how much, in ordinal order.</param>
public sealed record RoundPayouts(int Round, long Budget, long Unallocated, IReadOnlyList<ParticipantAmount> Payouts);

/// <summary>An amount in minor units.</summary>
/// <param name="Participant">Whose it is.</param>
/// <param name="Amount">How much.</param>
public sealed record ParticipantAmount(string Participant, long Amount);

/// <summary>What everybody has earned so far, in minor units.</summary>
/// <param name="RoundsPaid">After how many rounds.</param>
/// <param name="Balances">By participant, in ordinal order.</param>
/// <param name="Unallocated">What nobody earned.</param>
public sealed record BalanceSheet(int RoundsPaid, IReadOnlyList<ParticipantAmount> Balances, long Unallocated);
