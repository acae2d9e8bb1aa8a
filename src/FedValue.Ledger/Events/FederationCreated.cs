using System.Text.Json.Serialization;

namespace FedValue.Ledger.Events;

/// <summary>The first entry of every ledger: everything an auditor needs to recompute what follows.</summary>
/// <param name="Federation">The federation's name.</param>
/// <param name="Numerics">The version of the arithmetic; raised whenever a change alters any bit.</param>
/// <param name="Terms">What the participants agree to.</param>
/// <param name="Manifest">Blob: the model manifest, JSON.</param>
/// <param name="Model">Blob: the model before the first round, safetensors.</param>
/// <param name="Validation">Blob: the server's validation rows, safetensors; null where it has none.</param>
/// <param name="Scenario">How a simulation made its participants, option by option in ordinal order; empty outside simulations.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
public sealed record FederationCreated(
    string Federation,
    int Numerics,
    FederationTerms Terms,
    Digest Manifest,
    Digest Model,
    Digest? Validation,
    IReadOnlyList<ScenarioOption> Scenario,
    long At) : LedgerEvent;

/// <summary>One option of a simulation's scenario.</summary>
/// <param name="Option">The option's name, as on the command line without its dashes.</param>
/// <param name="Value">Its value, in one canonical spelling; never a path.</param>
public sealed record ScenarioOption(string Option, string Value);

/// <summary>What the participants agree to: how updates are aggregated, valued and paid.</summary>
/// <param name="Architecture">The model's layers, for example <c>softmax</c> or <c>mlp:64,32</c>; empty where only the manifest is known.</param>
/// <param name="Aggregators">The pool: one aggregator, or several for FedRandom.</param>
/// <param name="Utility">
/// What a coalition's model is measured by: <c>validation-loss</c> or <c>validation-accuracy</c>; <c>none</c> without validation rows.
/// </param>
/// <param name="Methods">The valuation methods, in the order in which they are reported.</param>
/// <param name="Sampling">When a sampled method stops.</param>
/// <param name="GramLimit">The largest number of updates for which a round's Gram matrix is kept.</param>
/// <param name="Payment">Who is paid how much for what.</param>
/// <param name="Seed">The seed of every draw, 0 .. 2^53 - 1.</param>
/// <param name="Counterfactual">Under which every round is valued again; the entry leaves the member out where there are none.</param>
/// <param name="Schedule">When rounds open and close by themselves; left out where the operator opens and closes them.</param>
/// <param name="NormLimit">The largest norm ||local - base|| of an update; a longer one is refused. Left out where there is no limit.</param>
public sealed record FederationTerms(
    string Architecture,
    IReadOnlyList<AggregatorTerms> Aggregators,
    string Utility,
    IReadOnlyList<string> Methods,
    SamplingTerms Sampling,
    int GramLimit,
    PaymentTerms Payment,
    long Seed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CounterfactualTerms Counterfactual = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RoundSchedule? Schedule = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DoubleBits? NormLimit = null);

/// <summary>When rounds open and close by themselves. Everybody who is enrolled with a valid key is invited.</summary>
/// <param name="Rounds">How many rounds there are; after the last one the federation closes. 1 or more.</param>
/// <param name="Participants">The first round opens once this many are enrolled. 1 or more.</param>
/// <param name="Quorum">A round closes once it has this many updates; 0: everybody's.</param>
/// <param name="MinimumReporting">A round whose deadline has passed closes once it has this many updates. 1 or more.</param>
/// <param name="DeadlineSeconds">How long after its opening a round waits for its quorum; 0: for ever.</param>
public sealed record RoundSchedule(int Rounds, int Participants, int Quorum, int MinimumReporting, long DeadlineSeconds);

/// <summary>One aggregator with its settings.</summary>
/// <param name="Name">Name and settings in one canonical spelling, for example <c>fedavgm:server-learning-rate=1:momentum=0.9</c>.</param>
/// <param name="SmallCoalitions">What it does with an empty or too small coalition, in words.</param>
public sealed record AggregatorTerms(string Name, string SmallCoalitions);

/// <summary>When a method that samples permutations stops.</summary>
/// <param name="MinimumPermutations">Never before this many.</param>
/// <param name="MaximumPermutations">Never after this many.</param>
/// <param name="Tolerance">Stop once the largest standard error is at most this share of the largest absolute value.</param>
/// <param name="Stop">A stop condition in the place of the tolerance; the entry leaves the member out where there is none.</param>
public sealed record SamplingTerms(
    int MinimumPermutations,
    int MaximumPermutations,
    DoubleBits Tolerance,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] StopText Stop = default);

/// <summary>Who is paid how much for what, every round.</summary>
/// <param name="Budget">The round's budget in minor units.</param>
/// <param name="PayBy">The valuation method that decides, one of the terms' methods; empty unless the policy is proportional.</param>
/// <param name="Policy"><c>proportional</c>, <c>equal</c> or <c>by-size</c>.</param>
/// <param name="IfNonePositive">Where the budget goes when no value is positive: <c>unallocated</c> or <c>equal</c>.</param>
public sealed record PaymentTerms(long Budget, string PayBy, string Policy, string IfNonePositive);
