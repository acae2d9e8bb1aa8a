using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Valuation.Anomalies;

namespace FedValue.Federation.Rounds;

/// <summary>Gathers what a ledger and its blobs show about the behaviour of participants: every stored update is read once.</summary>
public sealed class AnomalyScan
{
    readonly IBlobStore _blobs;
    readonly FederationSetup _setup;
    readonly Dictionary<string, Past> _past = new(StringComparer.Ordinal);
    readonly HashSet<Digest> _earlierModels = [];
    float[]? _previousModel;

    AnomalyScan(IBlobStore blobs, FederationSetup setup) => (_blobs, _setup) = (blobs, setup);

    /// <summary>Scans all paid rounds.</summary>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public static async Task<AnomalyReport> RunAsync(
        FederationHistory history, IBlobStore blobs, CancellationToken cancellation = default)
    {
        var scan = new AnomalyScan(blobs, await FederationSetup.LoadAsync(history.Created, blobs, cancellation));
        var rounds = new List<RoundObservations>();
        foreach (PaidRoundHistory round in history.Rounds)
            rounds.Add(await scan.ObserveAsync(round, cancellation));
        return AnomalyReport.Of(rounds);
    }

    async Task<RoundObservations> ObserveAsync(PaidRoundHistory round, CancellationToken cancellation)
    {
        float[] model = await WeightsAsync(round.Opened.Model, cancellation);
        var repetitions = new Repetition?[round.Accepted.Count];
        var distances = new double?[round.Accepted.Count];
        var steps = new double?[round.Accepted.Count];
        var ratios = new double?[round.Accepted.Count];
        for (int k = 0; k < round.Accepted.Count; k++)
        {
            UpdateAccepted update = round.Accepted[k];
            Past past = _past.TryGetValue(update.Participant, out Past? known) ? known : _past[update.Participant] = new Past();
            repetitions[k] = RepetitionOf(update, round, past);
            float[] local = await WeightsAsync(update.Update, cancellation);
            ratios[k] = LossRatio(update, local, round.OwnLosses?[k]);
            double[] difference = Difference(local, model);
            distances[k] = past.Distance(difference);
            steps[k] = Nearer(
                Past.Distance(Step(_previousModel, model), difference), Past.Distance(Step(past.Model, model), difference));
            past.Add(update.Update, difference, model);
        }
        _earlierModels.Add(round.Opened.Model);
        _previousModel = model;
        return new RoundObservations(
            round.Participants, round.SquaredNorms, round.Gram, [.. round.Accepted.Select(update => update.Examples)], repetitions, distances,
            steps, ratios);
    }

    double? LossRatio(UpdateAccepted update, float[] local, double? known)
    {
        if (update.ClaimedLoss is not { } claimed || _setup.LossOf(local) is not { } measure)
            return null;
        double measured = known ?? measure();
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

    async Task<float[]> WeightsAsync(Digest model, CancellationToken cancellation) =>
        ModelFile.ReadWeights(_setup.Manifest, await _blobs.GetAsync(model, cancellation));

    static double[]? Step(float[]? from, float[] to) => from is null ? null : Difference(to, from);

    static double? Nearer(double? one, double? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    static double[] Difference(float[] local, float[] model)
    {
        var difference = new double[local.Length];
        for (int i = 0; i < difference.Length; i++)
            difference[i] = (double)local[i] - model[i];
        return difference;
    }

    /// <summary>What one participant sent in earlier rounds.</summary>
    sealed class Past
    {
        double[]? _first, _previous;

        public HashSet<Digest> Digests { get; } = [];

        /// <summary>The model of its last round.</summary>
        public float[]? Model { get; private set; }

        /// <summary>How far an update is from the nearer of the first and the previous one, over that one's norm.</summary>
        public double? Distance(double[] difference) => Nearer(Distance(_first, difference), Distance(_previous, difference));

        public void Add(Digest update, double[] difference, float[] model)
        {
            Digests.Add(update);
            Model = model;
            _first ??= difference;
            _previous = difference;
        }

        public static double? Distance(double[]? earlier, double[] difference)
        {
            if (earlier is null)
                return null;
            double distance = 0, norm = 0;
            for (int i = 0; i < difference.Length; i++)
            {
                distance += (difference[i] - earlier[i]) * (difference[i] - earlier[i]);
                norm += earlier[i] * earlier[i];
            }
            return norm > 0 ? Math.Sqrt(distance / norm) : null;
        }
    }
}
