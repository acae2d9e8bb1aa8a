using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The long work of valuing a round, to be run outside of any turn: reads the updates, values them, stores what the event names.
/// </summary>
public delegate Task<ValuedRound> ValuationWork(IProgress<string>? progress, CancellationToken cancellation);

/// <summary>
/// The role that takes a round's updates one at a time and values them when the round closes. One per federation; single-threaded, knows no
/// host. Told about nothing, it would still find every update on the ledger: messages only make it start earlier. The clock is looked at by a
/// time limit of the sampling terms, and by nothing else.
/// </summary>
public sealed class ContributionTracker(
    FederationSetup setup, ILedgerView ledger, IBlobStore blobs, IComputeBackend backend, TimeProvider samplingClock)
{
    /// <summary>How many updates one turn reads at most, so that it stays short where many were missed; the valuation measures the rest.</summary>
    public const int UpdatesPerTurn = 4;

    readonly TrainingStates _states = new(setup, blobs);
    readonly Dictionary<string, double[]> _figures = new(StringComparer.Ordinal); // of the current round
    (int Round, RoundValuation Valuation)? _current;

    /// <summary>
    /// Takes the figures of some accepted updates of the open round that it has not seen yet. The models themselves are not held before the
    /// round is valued: a round of many large ones would fill the memory while it is open. Without validation rows there is one figure, a norm,
    /// which costs less when the model is read to be valued than a reading of its own.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (setup.Validation is null || state.Round is not { Aggregated: null } round)
            return;
        if (_current?.Round != round.Number)
        {
            _current = (round.Number, new RoundValuation(setup, await _states.BeforeAsync(round, cancellation), backend));
            _figures.Clear();
        }
        foreach ((string participant, UpdateAccepted update) in round.Accepted.Where(known => !_figures.ContainsKey(known.Key)).Take(UpdatesPerTurn))
            _figures.Add(participant, _current.Value.Valuation.Measure(await _states.UpdateAsync(update.Update, cancellation)));
    }

    /// <summary>Hands out the work of valuing the aggregated round, with the figures that were taken so far.</summary>
    /// <param name="number">The round; another one is left alone.</param>
    /// <param name="cancellation">Stops reading the ledger.</param>
    /// <exception cref="RoundException">The round does not wait for its valuation.</exception>
    public async Task<ValuationWork> BeginValuationAsync(int number, CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (state.Round is not { Aggregated: not null, Valued: null } round || round.Number != number)
            throw new RoundException($"Expected round {number} to be aggregated and wait for its valuation, but it does not; close it first.");
        RoundValuation? measured = _current?.Round == round.Number ? _current.Value.Valuation : null;
        Dictionary<string, double[]> figures = measured is null ? [] : new(_figures, StringComparer.Ordinal); // turns go on meanwhile
        return (progress, stop) => ValueAsync(state, round, measured, figures, progress, stop);
    }

    /// <summary>Forgets what it held of a round that was valued; its event may be appended afterwards.</summary>
    public RoundValued CompleteValuation(ValuedRound valued)
    {
        if (_current?.Round == valued.Event.Round)
            _current = null;
        return valued.Event;
    }

    async Task<ValuedRound> ValueAsync(
        FederationState state, RoundState round, RoundValuation? measured, Dictionary<string, double[]> figures, IProgress<string>? progress,
        CancellationToken cancellation)
    {
        // Rules value coalitions, and without validation rows there is nothing to value them by.
        using TrainingState? before =
            measured is null ? await _states.BeforeAsync(round, cancellation, rules: setup.Validation is not null) : null;
        RoundValuation valuation = measured?.Anew() ?? new RoundValuation(setup, before!, backend);
        using RoundUpdates updates = await _states.UpdatesAsync(round, valuation.Before, cancellation);
        for (int k = 0; k < updates.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            string participant = updates.Participants[k];
            valuation.Add(participant, updates.Rows.Models[k], updates.Examples[k], figures.GetValueOrDefault(participant));
        }
        PastRounds past = await _states.PastAsync(state, round, cancellation);
        ValuedRound valued = valuation.Finish(
            round.Number, _states.Member(round), past, progress, SamplingTime.By(samplingClock), cancellation);
        foreach (byte[] blob in valued.Blobs)
            await blobs.PutAsync(blob, cancellation);
        return valued;
    }
}
