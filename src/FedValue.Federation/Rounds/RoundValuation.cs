using System.Diagnostics;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>A round's valuation, done: the event to append, the blobs it names, and the results for whoever wants to look at them.</summary>
/// <param name="Event">For the ledger.</param>
/// <param name="Blobs">What the event names.</param>
/// <param name="Results">One per method, in the order of the terms.</param>
/// <param name="Geometry">Norms and angles of the round.</param>
public sealed record ValuedRound(RoundValued Event, IReadOnlyList<byte[]> Blobs, IReadOnlyList<TimedResult> Results, RoundGeometry Geometry);

/// <summary>A method's result and how long it took; the time never reaches the ledger.</summary>
public sealed record TimedResult(string Method, MethodResult Result, TimeSpan Time);

/// <summary>
/// The valuation of one round, update by update: figures of one update are taken when it comes, in any order; figures across updates at the
/// end, in the canonical order of the participants. The contribution tracker runs it; so does an auditor.
/// </summary>
public sealed class RoundValuation
{
    readonly FederationSetup _setup;
    readonly IComputeBackend _backend;
    readonly TrainingState _state;
    readonly float[][] _blockGradients;
    readonly SortedDictionary<string, MeasuredUpdate> _updates = new(StringComparer.Ordinal);

    sealed record MeasuredUpdate(ReadOnlyMemory<float> Model, long Examples, double[] Figures);

    /// <summary>Begins a round at the model and the states it opened with.</summary>
    public RoundValuation(FederationSetup setup, TrainingState state, IComputeBackend backend)
    {
        _setup = setup;
        _state = state;
        _backend = backend;
        _blockGradients = setup.Validation?.BlockGradients(state.Model.AsArray()) ?? [];
    }

    RoundValuation(RoundValuation other) =>
        (_setup, _backend, _state, _blockGradients) = (other._setup, other._backend, other._state, other._blockGradients);

    /// <summary>What the round opened with.</summary>
    public TrainingState Before => _state;

    /// <summary>The same round with no update added yet; nothing is computed again.</summary>
    public RoundValuation Anew() => new(this);

    /// <summary>The figures of one local model (d weights): squared norm of the update, inner products with any validation gradients.</summary>
    public double[] Measure(ReadOnlyMemory<float> model) => _backend.Measure(new UpdateRows(_state.Model, [model]), 0, _blockGradients);

    /// <summary>Adds a participant's local model (d weights), which is held from now on and must stay readable until the round is valued.</summary>
    /// <param name="participant">Whose it is.</param>
    /// <param name="model">The model.</param>
    /// <param name="examples">How many examples it says it trained on.</param>
    /// <param name="figures">What <see cref="Measure"/> gave for this model; null: it is measured now.</param>
    public void Add(string participant, ReadOnlyMemory<float> model, long examples, double[]? figures = null) =>
        _updates.Add(participant, new MeasuredUpdate(model, examples, figures ?? Measure(model)));

    /// <summary>The updates that were added, in ordinal order of their participants.</summary>
    public RoundUpdates Updates => new(
        [.. _updates.Keys], new UpdateRows(_state.Model, [.. _updates.Values.Select(u => u.Model)]), [.. _updates.Values.Select(u => u.Examples)],
        _setup.LossOf(_state.Model));

    /// <summary>Values the round with every method of the terms. May run long and outside of any turn; changes nothing.</summary>
    /// <param name="round">The round's number.</param>
    /// <param name="member">The member of the pool the round opened with.</param>
    /// <param name="past">What the rounds before say about the participants.</param>
    /// <param name="progress">Told the name of each method as it begins.</param>
    /// <param name="time">What a time limit of the terms goes by; needed where they have one.</param>
    /// <param name="cancellation">Stops between coalition evaluations.</param>
    public ValuedRound Finish(
        int round, int member, PastRounds past, IProgress<string>? progress = null, SamplingTime? time = null,
        CancellationToken cancellation = default)
    {
        RoundUpdates updates = Updates;
        var statistics = new RoundStatistics(
            updates, [.. _updates.Values.Select(u => u.Figures)], _blockGradients, _setup.Validation, _setup.Model.Network,
            _setup.Terms.GramLimit, _backend);
        RoundGames games = RoundGames.Of(_setup, _state, round, member, updates, _backend.Threads);
        var evidence = new RoundEvidence(
            round, _setup.Terms.Seed, statistics.Weights, statistics.Geometry, games.Utility,
            statistics.Measurements, _setup.Sampling, _backend.Threads)
        {
            FedAvgUtility = games.FedAvg,
            JoinedIn = [.. updates.Participants.Select(participant => past.JoinedIn.GetValueOrDefault(participant, round))],
            Memories = _setup.Methods.ToDictionary(m => m.Info.Name, m => past.Memory.Of(m.Info.Name, updates.Participants)),
            Pool = games.Pool,
            Accumulate = games.Accumulate,
            Clock = time?.Clock,
            RecordedStops = time?.Stops ?? new Dictionary<string, RecordedStop>(),
        };

        var blobs = new List<byte[]>();
        Digest Keep(byte[] blob)
        {
            blobs.Add(blob);
            return Digest.Of(blob);
        }

        var results = new List<TimedResult>();
        var valuations = new List<MethodValuation>();
        MethodMemory memory = past.Memory;
        foreach (IRoundMethod method in _setup.Methods)
        {
            string name = method.Info.Name;
            progress?.Report(name);
            long began = Stopwatch.GetTimestamp();
            MethodResult result;
            try
            {
                result = method.Value(evidence, cancellation);
            }
            catch (UtilityNotFiniteException diverged)
            {
                throw new CoalitionNotFiniteException(round, [.. diverged.Coalition.Members().Select(k => updates.Participants[k])], diverged);
            }
            catch (ImpossibleStopException impossible)
            {
                throw new ImpossibleStopException($"Method '{name}': {impossible.Message}");
            }
            ValuesNotFiniteException.ThrowIfNotFinite(round, name, updates.Participants, result.Estimate);
            if (result.Memory is { } remembered)
                memory = memory.With(name, updates.Participants, remembered);
            results.Add(new TimedResult(name, result, Stopwatch.GetElapsedTime(began)));
            valuations.Add(new MethodValuation(
                name, Keep(DoubleBlob.Write([.. result.Estimate.Values])), Keep(EstimateBlob.Write(result.Estimate)),
                result.Evaluations, result.Permutations, result.Status));
        }
        Digest? utilities = evidence.Table is { } table ? Keep(DoubleBlob.Write(table.Utilities())) : null;
        return new ValuedRound(
            new RoundValued(
                round, Keep(statistics.ToBlob()), utilities, valuations, memory.ToBlob() is { } remembers ? Keep(remembers) : null),
            blobs, results, statistics.Geometry);
    }
}

/// <summary>The model that a coalition would have made cannot be measured.</summary>
public sealed class CoalitionNotFiniteException(int round, IReadOnlyList<string> coalition, Exception inner) : Exception(
    $"Round {round}: {Model(coalition)} has no finite validation loss; training has diverged: lower the learning rates.", inner)
{
    static string Model(IReadOnlyList<string> coalition) => coalition.Count == 0
        ? "the model it began with"
        : $"the model that {string.Join(", ", coalition)} alone would have made";
}

/// <summary>A method gave a value that is NaN or infinite.</summary>
public sealed class ValuesNotFiniteException(int round, string method, string participant, double value) : Exception(
    $"Round {round}: method '{method}' gave {participant} the value {value}; the updates are too large to be valued: lower the learning rate.")
{
    /// <summary>Throws when a value or an error is not finite.</summary>
    internal static void ThrowIfNotFinite(int round, string method, IReadOnlyList<string> participants, Estimate estimate)
    {
        for (int j = 0; j < participants.Count; j++)
        {
            if (!double.IsFinite(estimate.Values[j]))
                throw new ValuesNotFiniteException(round, method, participants[j], estimate.Values[j]);
        }
    }
}
