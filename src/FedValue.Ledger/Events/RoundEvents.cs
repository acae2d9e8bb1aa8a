using System.Text.Json.Serialization;
using FedValue.Ledger.Signing;

namespace FedValue.Ledger.Events;

/// <summary>A round began: these participants may submit an update of this model.</summary>
/// <param name="Round">1, 2, 3, ...</param>
/// <param name="Model">Blob: the model the cohort starts from, safetensors.</param>
/// <param name="Aggregator">The aggregator of this round: drawn from the terms' pool, or its only member.</param>
/// <param name="Cohort">The invited participants in ordinal order.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
public sealed record RoundOpened(int Round, Digest Model, string Aggregator, IReadOnlyList<string> Cohort, long At) : LedgerEvent;

/// <summary>A participant's update for a round was checked and stored.</summary>
/// <param name="Round">The open round.</param>
/// <param name="Participant">Who sent it.</param>
/// <param name="Update">Blob: the participant's whole local model, safetensors.</param>
/// <param name="Examples">How many examples it says it trained on: a claim, between 1 and what it declared.</param>
/// <param name="Bytes">The length of the blob.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
/// <param name="ClaimedLoss">Its training loss as it reports it, in nats, finite and 0 or more; left out, never written as null, where it
/// reports none. A claim that no aggregate, value or payout depends on.</param>
/// <param name="Signature">Base64 of the participant's signature over <see cref="Statements.Update"/>; left out, never written as null, where the
/// participant has no key.</param>
public sealed record UpdateAccepted(
    int Round,
    string Participant,
    Digest Update,
    long Examples,
    long Bytes,
    long At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DoubleBits? ClaimedLoss = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Signature = null) : LedgerEvent;

/// <summary>A participant's update for a round was refused; it takes no part in the round.</summary>
/// <param name="Round">The open round.</param>
/// <param name="Participant">Who sent it.</param>
/// <param name="Update">The digest of what came; nobody needs its bytes.</param>
/// <param name="Reason">A short code, for example <c>not-finite</c> or <c>equivocation</c>.</param>
/// <param name="Detail">What was expected and what came, as a sentence.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
/// <param name="Claim">What the participant signed about it; left out, never written as null, where the participant has no key.</param>
public sealed record UpdateRefused(
    int Round,
    string Participant,
    Digest Update,
    string Reason,
    string Detail,
    long At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SignedClaim? Claim = null) : LedgerEvent;

/// <summary>The round closed and its updates became the next model. Holds no time and no order of arrival.</summary>
/// <param name="Round">The round that closed.</param>
/// <param name="Updates">How many updates were accepted.</param>
/// <param name="Model">Blob: the next model, safetensors.</param>
/// <param name="AggregatorState">Blob: the state of every aggregator of the pool after the round, safetensors.</param>
/// <param name="ValidationLoss">Mean cross-entropy of the next model on the validation rows, in nats; null without such rows.</param>
/// <param name="ValidationAccuracy">Share of validation rows the next model classifies correctly; null without such rows.</param>
public sealed record RoundAggregated(
    int Round,
    int Updates,
    Digest Model,
    Digest AggregatorState,
    DoubleBits? ValidationLoss,
    DoubleBits? ValidationAccuracy) : LedgerEvent;

/// <summary>Every method valued the round's updates. Holds no time and no order of arrival.</summary>
/// <param name="Round">The round.</param>
/// <param name="Statistics">Blob: norms, inner products and (up to the limit of the terms) the Gram matrix, safetensors.</param>
/// <param name="CoalitionUtilities">Blob: the utilities of all 2^n coalitions, little-endian doubles indexed by bit mask; null when
/// no method enumerates them.</param>
/// <param name="Valuations">One result per method of the terms, in the order of the terms.</param>
/// <param name="Memory">Blob: what methods remember of participants after the round, safetensors; left out, never written as null, where no
/// method remembers anything.</param>
public sealed record RoundValued(
    int Round,
    Digest Statistics,
    Digest? CoalitionUtilities,
    IReadOnlyList<MethodValuation> Valuations,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Digest? Memory = null) : LedgerEvent;

/// <summary>One method's result for a round.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Values">Blob: one little-endian double per accepted update, in ordinal order of the participants.</param>
/// <param name="Errors">Blob: standard errors, intervals and jackknife replicates, safetensors.</param>
/// <param name="Evaluations">How many coalition utilities were computed.</param>
/// <param name="Permutations">How many permutations were drawn; 0 for a method that draws none.</param>
/// <param name="Status"><c>exact</c>, <c>converged</c>, <c>stopped-at-maximum</c> or <c>truncated</c>.</param>
public sealed record MethodValuation(string Method, Digest Values, Digest Errors, long Evaluations, long Permutations, string Status);

/// <summary>The round's budget was paid out: payouts plus unallocated equal it, always. Holds no time and no order of arrival.</summary>
/// <param name="Round">The round.</param>
/// <param name="PayBy">The method whose values decide; empty unless the policy is proportional.</param>
/// <param name="Policy"><c>proportional</c>, <c>equal</c> or <c>by-size</c>.</param>
/// <param name="Budget">The round's budget in minor units.</param>
/// <param name="Unallocated">What nobody earned, in minor units; 0 in all slices but the last.</param>
/// <param name="Payouts">One per accepted update, in ordinal order of the participants.</param>
/// <param name="First">
/// How many payouts of the round came in entries before: a round of many participants is paid in slices, see <see cref="Payments.PayoutSlices"/>.
/// Left out where 0.
/// </param>
public sealed record PayoutsPosted(
    int Round,
    string PayBy,
    string Policy,
    long Budget,
    long Unallocated,
    IReadOnlyList<Payout> Payouts,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int First = 0) : LedgerEvent;

/// <summary>What one participant earned in a round.</summary>
/// <param name="Participant">Whom it is credited to.</param>
/// <param name="Weight">Its integer weight in the division of the budget, below 2^53.</param>
/// <param name="Amount">Minor units.</param>
public sealed record Payout(string Participant, long Weight, long Amount);

/// <summary>
/// The operator gave a round up before it was paid: nobody is paid for it, its accepted updates stay on the ledger, and the next round, which has
/// the next number, starts from the model and the state of the aggregators that this one started from.
/// </summary>
/// <param name="Round">The round that was open.</param>
/// <param name="Model">Blob: the model that the round began with, and the next one begins with.</param>
/// <param name="Reason">Why, as a sentence of the operator.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC.</param>
public sealed record RoundAbandoned(int Round, Digest Model, string Reason, long At) : LedgerEvent;

/// <summary>The last entry of a finished federation.</summary>
/// <param name="Rounds">How many rounds were paid.</param>
/// <param name="Model">Blob: the final model, safetensors.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
public sealed record FederationClosed(int Rounds, Digest Model, long At) : LedgerEvent;
