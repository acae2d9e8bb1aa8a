using FedValue.Valuation.Games;
using FedValue.Valuation.Sampling;

namespace FedValue.Valuation.Methods;

/// <summary>
/// Everything a method may look at when it values a round of n updates: their geometry, and the utility of every coalition, measured on the
/// server's validation rows. Replicate b of anything is the same without validation block b; column 0 is on all rows.
/// </summary>
public sealed class RoundEvidence
{
    readonly IReadOnlyList<IUtility>? _pool;
    CoalitionTable? _table, _fedAvgTable;

    /// <summary>Gathers the evidence.</summary>
    /// <param name="round">The round's number: names the random streams.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="weights">p_k = examples_k / sum of examples, n numbers.</param>
    /// <param name="geometry">Norms and inner products of the updates.</param>
    /// <param name="utility">U(S), with the baseline U(empty) of the model before the round.</param>
    /// <param name="measured">What else can be measured, on first use.</param>
    /// <param name="sampling">When sampled methods stop.</param>
    /// <param name="threads">How many evaluations may run at once; changes no bit.</param>
    /// <exception cref="ArgumentException">Weights, geometry and utility are not about the same number of updates.</exception>
    public RoundEvidence(
        int round, long seed, IReadOnlyList<double> weights, RoundGeometry geometry, IUtility utility,
        IRoundMeasurements measured, StoppingRule sampling, int threads)
    {
        if (weights.Count != geometry.Count || utility.Players != geometry.Count)
        {
            throw new ArgumentException($"A round has one set of updates, but there are {geometry.Count} norms, {weights.Count} weights " +
                $"and a utility of {utility.Players} players.");
        }
        Round = round;
        Seed = seed;
        Weights = weights;
        Geometry = geometry;
        Utility = utility;
        Sampling = sampling;
        Threads = threads;
        Measured = measured;
        JoinedIn = [.. weights.Select(_ => round)];
    }

    /// <summary>The round's number.</summary>
    public int Round { get; }

    /// <summary>The run's seed.</summary>
    public long Seed { get; }

    /// <summary>n, the number of updates.</summary>
    public int Count => Geometry.Count;

    /// <summary>FedAvg's weights p_k, n numbers.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>Norms and inner products of the updates.</summary>
    public RoundGeometry Geometry { get; }

    /// <summary>U(S): higher is better.</summary>
    public IUtility Utility { get; }

    /// <summary>U(S) by FedAvg's weighted mean whatever the round's aggregator; null where the round's own rule is that mean.</summary>
    public IUtility? FedAvgUtility { get; init; }

    /// <summary>
    /// U(S) under each member of the counterfactual pool, of which this round need not have drawn any; where the run has no such pool, one of
    /// one member: the round's own rule.
    /// </summary>
    public IReadOnlyList<IUtility> Pool { get => _pool ?? [Utility]; init => _pool = value; }

    /// <summary>
    /// From the sums of the participants' earlier updates (n rows of d numbers, null for who is new) to those with this round's, and the game
    /// of them.
    /// </summary>
    public Func<IReadOnlyList<double[]?>, AccumulatedGame> Accumulate { get; init; } = _ =>
        throw new InvalidOperationException("This evidence holds no weights, so that updates of several rounds cannot be added up.");

    /// <summary>When sampled methods stop; what time terms go by stands in <see cref="SamplingOf"/>.</summary>
    public StoppingRule Sampling { get; }

    /// <summary>What time terms of the stopping rule go by; null where the rule has none, or where all stops are recorded.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where methods stopped when the round was valued first, by the method's name; time terms go by them, not by the clock.</summary>
    public IReadOnlyDictionary<string, RecordedStop> RecordedStops { get; init; } = new Dictionary<string, RecordedStop>();

    /// <summary>When a sampled method stops: <see cref="Sampling"/> with what its time terms go by.</summary>
    public StoppingRule SamplingOf(string method) => Sampling with
    {
        Clock = Clock,
        Recorded = RecordedStops.TryGetValue(method, out RecordedStop stop) ? stop : null,
    };

    /// <summary>How many evaluations may run at once.</summary>
    public int Threads { get; }

    /// <summary>What is measured when a method looks at it.</summary>
    public IRoundMeasurements Measured { get; }

    /// <summary>The rounds in which the participants' first updates were accepted, n numbers; unless given, all joined in this one.</summary>
    public IReadOnlyList<int> JoinedIn { get; init; }

    /// <summary>What methods remember of the participants, by the method's name: n rows, null for who is new to it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double[]?>> Memories { get; init; } =
        new Dictionary<string, IReadOnlyList<double[]?>>();

    /// <summary>What a method remembers of the participants: n rows, null for who is new to it.</summary>
    public IReadOnlyList<double[]?> MemoryOf(string method) =>
        Memories.TryGetValue(method, out IReadOnlyList<double[]?>? rows) ? rows : new double[]?[Count];

    /// <summary>The utilities of all coalitions, if a method has enumerated them.</summary>
    public CoalitionTable? Table => _table;

    /// <summary>The utilities of all coalitions and how many had to be measured now: 2^n the first time, 0 afterwards.</summary>
    /// <exception cref="ArgumentException">More than <see cref="CoalitionTable.PlayersMax"/> updates.</exception>
    public (CoalitionTable Table, long Evaluations) RequireTable(CancellationToken cancellation)
    {
        if (_table is not null)
            return (_table, 0);
        _table = CoalitionTable.Evaluate(Utility, Threads, cancellation);
        return (_table, 1L << Count);
    }

    /// <summary>The same table of <see cref="FedAvgUtility"/>; the round's own table where that is null.</summary>
    /// <exception cref="ArgumentException">More than <see cref="CoalitionTable.PlayersMax"/> updates.</exception>
    public (CoalitionTable Table, long Evaluations) RequireFedAvgTable(CancellationToken cancellation)
    {
        if (FedAvgUtility is null)
            return RequireTable(cancellation);
        if (_fedAvgTable is not null)
            return (_fedAvgTable, 0);
        _fedAvgTable = CoalitionTable.Evaluate(FedAvgUtility, Threads, cancellation);
        return (_fedAvgTable, 1L << Count);
    }
}
