using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Anomalies;

namespace FedValue.Federation.Rounds;

/// <summary>
/// Gathers what a ledger and its blobs show about the behaviour of participants: every stored update is read once. Models and updates that later
/// rounds are compared with stay open, mapped (<see cref="StoredWeights"/>).
/// </summary>
public sealed class AnomalyScan
{
    readonly IBlobStore _blobs;
    readonly FederationSetup _setup;
    readonly Dictionary<string, Past> _past = new(StringComparer.Ordinal);
    readonly HashSet<Digest> _earlierModels = [];
    readonly HashSet<StoredWeights> _open = [];
    StoredWeights? _previousModel;

    AnomalyScan(IBlobStore blobs, FederationSetup setup) => (_blobs, _setup) = (blobs, setup);

    /// <summary>Scans all paid rounds.</summary>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public static async Task<AnomalyReport> RunAsync(
        FederationHistory history, IBlobStore blobs, CancellationToken cancellation = default)
    {
        var scan = new AnomalyScan(blobs, await FederationSetup.LoadAsync(history.Created, blobs, cancellation));
        try
        {
            var rounds = new List<RoundObservations>();
            foreach (PaidRoundHistory round in history.Rounds)
                rounds.Add(await scan.ObserveAsync(round, cancellation));
            return AnomalyReport.Of(rounds);
        }
        finally
        {
            foreach (StoredWeights weights in scan._open)
                weights.Dispose();
        }
    }

    async Task<RoundObservations> ObserveAsync(PaidRoundHistory round, CancellationToken cancellation)
    {
        StoredWeights model = await OpenAsync(round.Opened.Model, cancellation);
        var repetitions = new Repetition?[round.Accepted.Count];
        var distances = new double?[round.Accepted.Count];
        var steps = new double?[round.Accepted.Count];
        var ratios = new double?[round.Accepted.Count];
        for (int k = 0; k < round.Accepted.Count; k++)
        {
            UpdateAccepted update = round.Accepted[k];
            Past past = _past.TryGetValue(update.Participant, out Past? known) ? known : _past[update.Participant] = new Past();
            repetitions[k] = RepetitionOf(update, round, past);
            StoredWeights local = await OpenAsync(update.Update, cancellation);
            ratios[k] = LossRatio(update, local, round.OwnLosses?[k]);
            var difference = new Difference(local, model);
            distances[k] = past.Distance(difference);
            steps[k] = Nearer(
                Difference.Distance(Step(_previousModel, model), difference), Difference.Distance(Step(past.Model, model), difference));
            past.Add(update.Update, difference);
        }
        _earlierModels.Add(round.Opened.Model);
        _previousModel = model;
        CloseAllBut([model, .. _past.Values.SelectMany(past => past.Held)]);
        return new RoundObservations(
            round.Participants, round.SquaredNorms, round.Gram, [.. round.Accepted.Select(update => update.Examples)], repetitions, distances,
            steps, ratios);
    }

    async Task<StoredWeights> OpenAsync(Digest model, CancellationToken cancellation)
    {
        StoredWeights weights = await StoredWeights.OpenAsync(_blobs, _setup.Manifest, model, buffers: false, cancellation);
        _open.Add(weights);
        return weights;
    }

    void CloseAllBut(HashSet<StoredWeights> held)
    {
        foreach (StoredWeights weights in _open.Where(weights => !held.Contains(weights)))
            weights.Dispose();
        _open.IntersectWith(held);
    }

    double? LossRatio(UpdateAccepted update, StoredWeights local, double? known)
    {
        if (update.ClaimedLoss is not { } claimed || _setup.Validation is null)
            return null;
        double measured = known ?? _setup.LossOf(local.Values)!();
        return measured > 0 && double.IsFinite(measured) ? claimed.Value / measured : null;
    }

    Repetition? RepetitionOf(UpdateAccepted update, PaidRoundHistory round, Past past)
    {
        if (update.Update == round.Opened.Model)
            return new Repetition(RepetitionKind.RoundModel);
        if (_earlierModels.Contains(update.Update))
            return new Repetition(RepetitionKind.EarlierModel);
        if (past.Digests.Contains(update.Update))
            return new Repetition(RepetitionKind.OwnUpdate);
        return round.Accepted.FirstOrDefault(other => other.Update == update.Update) is { } twin
            && twin.Participant != update.Participant
            ? new Repetition(RepetitionKind.OtherUpdate, twin.Participant)
            : null;
    }

    static Difference? Step(StoredWeights? from, StoredWeights to) => from is null ? null : new Difference(to, from);

    static double? Nearer(double? one, double? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    /// <summary>What leads from one model to another, formed in double when it is read.</summary>
    sealed record Difference(StoredWeights To, StoredWeights From)
    {
        /// <summary>||other - earlier|| / ||earlier||; null where there is no earlier one, or it is 0.</summary>
        public static double? Distance(Difference? earlier, Difference other)
        {
            if (earlier is null)
                return null;
            ReadOnlySpan<float> to = other.To.Values.Span, from = other.From.Values.Span;
            ReadOnlySpan<float> earlierTo = earlier.To.Values.Span, earlierFrom = earlier.From.Values.Span;
            double distance = 0, norm = 0;
            for (int i = 0; i < to.Length; i++)
            {
                double was = (double)earlierTo[i] - earlierFrom[i], apart = (double)to[i] - from[i] - was;
                distance += apart * apart;
                norm += was * was;
            }
            return norm > 0 ? Math.Sqrt(distance / norm) : null;
        }
    }

    /// <summary>What one participant sent in earlier rounds.</summary>
    sealed class Past
    {
        Difference? _first, _previous;

        public HashSet<Digest> Digests { get; } = [];

        /// <summary>The model of its last round.</summary>
        public StoredWeights? Model => _previous?.From;

        /// <summary>What must stay open for later rounds.</summary>
        public IEnumerable<StoredWeights> Held =>
            _first is null ? [] : new[] { _first.To, _first.From, _previous!.To, _previous.From };

        /// <summary>How far an update is from the nearer of the first and the previous one, over that one's norm.</summary>
        public double? Distance(Difference difference) =>
            Nearer(Difference.Distance(_first, difference), Difference.Distance(_previous, difference));

        public void Add(Digest update, Difference difference)
        {
            Digests.Add(update);
            _first ??= difference;
            _previous = difference;
        }
    }
}
