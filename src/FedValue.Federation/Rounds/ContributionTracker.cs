using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>The long work of valuing a round, to be run outside of any turn.</summary>
public delegate ValuedRound ValuationWork(IProgress<string>? progress, CancellationToken cancellation);

/// <summary>
/// The role that takes a round's updates one at a time and values them when the round closes. One per federation; single-threaded, knows no
/// host. Told about nothing, it would still find every update on the ledger: messages only make it start earlier. The clock is looked at by a
/// time limit of the sampling terms, and by nothing else.
/// </summary>
public sealed class ContributionTracker(
    FederationSetup setup, ILedgerView ledger, IBlobStore blobs, IComputeBackend backend, TimeProvider samplingClock)
{
    readonly TrainingStates _states = new(setup, blobs);
    readonly Dictionary<string, double[]> _figures = new(StringComparer.Ordinal); // of the current round
    (int Round, RoundValuation Valuation)? _current;

    /// <summary>
    /// Takes the figures of every accepted update of the current round that it has not seen yet. The models themselves are not held before the
    /// round is valued: a round of many large ones would fill the memory while it is open. Without validation rows there is one figure, a norm,
    /// which costs less when the model is read to be valued than a reading of its own.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (setup.Validation is null || state.Round is not { } round)
            return;
        RoundValuation valuation = await ValuationAsync(round, cancellation);
        foreach ((string participant, UpdateAccepted update) in round.Accepted)
        {
            if (!_figures.ContainsKey(participant))
                _figures.Add(participant, valuation.Measure(await _states.UpdateAsync(update.Update, cancellation)));
        }
    }

    /// <summary>Catches up with the aggregated round and hands out the work of valuing it.</summary>
    /// <param name="number">The round; another one is left alone.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="RoundException">The round does not wait for its valuation.</exception>
    public async Task<ValuationWork> BeginValuationAsync(int number, CancellationToken cancellation = default)
    {
        await CatchUpAsync(cancellation);
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (state.Round is not { Aggregated: not null, Valued: null } round || round.Number != number)
            throw new RoundException($"Expected round {number} to be aggregated and wait for its valuation, but it does not; close it first.");
        RoundValuation valuation = await ValuationAsync(round, cancellation);
        foreach ((string participant, UpdateAccepted update) in round.Accepted)
        {
            if (!valuation.Has(participant)) // it has them after a valuation that was cancelled
            {
                float[] model = await _states.UpdateAsync(update.Update, cancellation);
                valuation.Add(participant, model, update.Examples, _figures.GetValueOrDefault(participant));
            }
        }
        int member = _states.Member(round);
        PastRounds past = await _states.PastAsync(state, round, cancellation);
        return (progress, stop) => valuation.Finish(round.Number, member, past, progress, SamplingTime.By(samplingClock), stop);
    }

    /// <summary>Stores what the valuation made; its event may be appended afterwards.</summary>
    public async Task<RoundValued> CompleteValuationAsync(ValuedRound valued, CancellationToken cancellation = default)
    {
        foreach (byte[] blob in valued.Blobs)
            await blobs.PutAsync(blob, cancellation);
        _current = null;
        return valued.Event;
    }

    async Task<RoundValuation> ValuationAsync(RoundState round, CancellationToken cancellation)
    {
        if (_current?.Round != round.Number)
        {
            _current = (round.Number, new RoundValuation(setup, await _states.BeforeAsync(round, cancellation), backend));
            _figures.Clear();
        }
        return _current.Value.Valuation;
    }
}
