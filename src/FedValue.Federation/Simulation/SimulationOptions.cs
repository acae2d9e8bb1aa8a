using FedValue.Federation.Learning;

namespace FedValue.Federation.Simulation;

/// <summary>
/// Everything a simulation can be asked; what is null is chosen by <see cref="SimulationPlan"/> and then stands in its options.
/// </summary>
public sealed record SimulationOptions
{
    /// <summary><c>digits</c>, <c>breast-cancer</c>, or a table or folder as <see cref="DatasetLoader"/> reads it; null: digits.</summary>
    public string? Dataset { get; init; }

    /// <summary>
    /// A <see cref="NamedScenario"/>: stands for partition, participants and corruptions, which then must be null; null: none.
    /// </summary>
    public string? Scenario { get; init; }

    /// <summary>
    /// A <see cref="Simulation.Partition"/>; null: size-dirichlet:4, or natural for a table with participants.
    /// </summary>
    public string? Partition { get; init; }

    /// <summary>How many participants; null: 8, or those of the table.</summary>
    public int? Participants { get; init; }

    /// <summary>
    /// What is done to whom; null: the demonstration's corruptions where data, partition and participants are not given either, else none.
    /// </summary>
    public IReadOnlyList<string>? Corrupt { get; init; }

    /// <summary>Share of rows the server validates with.</summary>
    public decimal Validation { get; init; } = 0.2m;

    /// <summary>Share of rows only the report sees.</summary>
    public decimal Test { get; init; } = 0.2m;

    /// <summary><c>softmax</c> or <c>mlp:64,32</c>.</summary>
    public string Model { get; init; } = "softmax";

    /// <summary>SGD's step size.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Rows per SGD step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>SGD's momentum.</summary>
    public double Momentum { get; init; }

    /// <summary>SGD's weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Passes over the own rows per round.</summary>
    public int LocalEpochs { get; init; } = 1;

    /// <summary>FedProx's mu: participants are drawn back to the round's model by mu/2 times the squared distance; 0 for plain SGD.</summary>
    public double ProximalMu { get; init; }

    /// <summary>All that participants train by.</summary>
    public TrainingSettings Training => new(LearningRate, BatchSize, Momentum, WeightDecay, LocalEpochs, ProximalMu);

    /// <summary>Share of participants invited to a round, in (0, 1].</summary>
    public decimal Participation { get; init; } = 1;

    /// <summary>How many rounds.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>An aggregator or a FedRandom pool.</summary>
    public string Aggregator { get; init; } = "fedavg";

    /// <summary>
    /// Whose defaults fill what <see cref="Aggregator"/> does not say: <c>fedvalue</c> or <c>flower-1.6</c>; null: fedvalue. A prepared plan
    /// has spelled the aggregator out and leaves null.
    /// </summary>
    public string? Preset { get; init; }

    /// <summary>
    /// Aggregators under which every round is valued again, without training with them, or <c>fedrandom</c> for its default pool; null: none.
    /// The method <c>fedrandom-mean</c> reads them and joins the methods where they do not name it.
    /// </summary>
    public IReadOnlyList<string>? Counterfactual { get; init; }

    /// <summary>Valuation methods by name; null: all that the number of participants allows.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary><c>validation-loss</c> or <c>validation-accuracy</c>.</summary>
    public string Utility { get; init; } = "validation-loss";

    /// <summary>The most permutations a sampled method draws per round.</summary>
    public int Permutations { get; init; } = 1024;

    /// <summary>A sampled method stops when its largest standard error is at most this share of its largest value.</summary>
    public double Tolerance { get; init; } = 0.05;

    /// <summary>When sampled methods stop, in the place of the tolerance: see <see cref="Valuation.Sampling.StopCondition"/>.</summary>
    public string? Stop { get; init; }

    /// <summary>The largest round whose Gram matrix is kept.</summary>
    public int GramLimit { get; init; } = 128;

    /// <summary>What a round pays out, in minor units.</summary>
    public long Budget { get; init; } = 100_000;

    /// <summary>The method that decides payouts; null: exact where it is computed, else permutation; none unless proportional.</summary>
    public string? PayBy { get; init; }

    /// <summary><c>proportional</c>, <c>equal</c> or <c>by-size</c>.</summary>
    public string Policy { get; init; } = "proportional";

    /// <summary>Where the budget goes when no value is positive: <c>unallocated</c> or <c>equal</c>.</summary>
    public string IfNonePositive { get; init; } = "unallocated";

    /// <summary>How rounds weigh in totals: <c>equal</c> or <c>halting:R</c>. Changes no value on the ledger and no payout.</summary>
    public string RoundWeights { get; init; } = "equal";

    /// <summary>
    /// What is done to the values of a round before they are summed: <c>none</c>, <c>loss-drop</c>, <c>unit-l2</c> or <c>min-max</c>.
    /// </summary>
    public string RoundNormalization { get; init; } = "none";

    /// <summary>The seed of every draw, 0 .. 2^53 - 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The most threads; changes no bit and stands on no ledger. Null: one per processor.</summary>
    public int? Threads { get; init; }
}
