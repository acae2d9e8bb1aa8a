using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The part of an audit that trusts no number: every accepted update is inspected again, every round is aggregated and valued again from the
/// stored updates, and what comes out must be the entry that is there, bit for bit. Used as the hook of
/// <see cref="Ledger.Auditing.LedgerAuditor"/>, which has judged tree, order, digests and payouts of an event before this sees it.
/// </summary>
public sealed class RecomputeAudit(IBlobStore blobs, IComputeBackend backend, IProgress<string>? progress = null) : IDisposable
{
    FederationSetup? _setup;
    TrainingStates? _states;
    ModelCache? _bases;
    TrainingState? _before;
    RoundUpdates? _updates;
    int _member;

    /// <summary>Gives back the files of the round that was looked at last.</summary>
    public void Dispose()
    {
        _bases?.Dispose();
        _updates?.Dispose();
        _before?.Dispose();
        (_updates, _before) = (null, null);
    }

    /// <summary>Judges one event that the fold has accepted: null, or what is wrong as a sentence.</summary>
    public async ValueTask<string?> CheckAsync(LedgerEvent ledgerEvent, FederationState state, CancellationToken cancellation)
    {
        try
        {
            switch (ledgerEvent)
            {
                case FederationCreated created:
                    _setup = await FederationSetup.LoadAsync(created, blobs, cancellation);
                    _states = new TrainingStates(_setup, blobs);
                    _bases = new ModelCache(_setup, blobs);
                    return null;
                case RoundOpened opened:
                    string drawn = _setup!.Pool.Members[_setup.Pool.Draw(_setup.Terms.Seed, opened.Round)].Spec;
                    return opened.Aggregator == drawn ? null
                        : $"Round {opened.Round} must be aggregated by '{drawn}', as drawn from the seed, but '{opened.Aggregator}' is recorded.";
                case UpdateAccepted accepted:
                    return await InspectAsync(accepted, state.Round!.Opened, cancellation);
                case RoundAggregated aggregated:
                    await LoadAsync(state.Round!, cancellation);
                    progress?.Report($"round {aggregated.Round}: aggregation");
                    return CompareAggregates(
                        aggregated, RoundAggregation.Run(_setup!, _before!, aggregated.Round, _member, _updates!).Event);
                case RoundValued valued:
                    var valuation = new RoundValuation(_setup!, _before!, backend);
                    for (int k = 0; k < _updates!.Count; k++)
                        valuation.Add(_updates.Participants[k], _updates.Rows.Models[k], _updates.Examples[k]);
                    PastRounds past = await _states!.PastAsync(state, state.Round!, cancellation);
                    ValuedRound again = valuation.Finish(
                        valued.Round, _member, past, new Relay(progress, valued.Round), SamplingTime.Recorded(valued), cancellation);
                    return CompareValuations(valued, again.Event);
                default:
                    return null;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return $"It could not be computed again: {failure.Message}";
        }
    }

    async Task<string?> InspectAsync(UpdateAccepted accepted, RoundOpened opened, CancellationToken cancellation)
    {
        using NormBound? bound = await _bases!.BoundAsync(opened.Model, cancellation);
        var inspection = new UpdateInspection(_setup!.Manifest, bound, accepted.Bytes);
        await using (Stream file = await blobs.OpenReadAsync(accepted.Update, cancellation))
        {
            await using var inspected = new InspectedBody(file, accepted.Bytes, inspection);
            await inspected.CopyToAsync(Stream.Null, cancellation);
        }
        UpdateFault? wrong = inspection.Complete() ?? (_setup.Validation is null ? null
            : UpdateMeasure.Problem(_setup, await blobs.ReadWeightsAsync(_setup.Manifest, accepted.Update, cancellation)));
        return wrong is { } fault ? $"The update of '{accepted.Participant}' should have been refused: {fault.Detail}" : null;
    }

    async Task LoadAsync(RoundState round, CancellationToken cancellation)
    {
        Dispose();
        _before = await _states!.BeforeAsync(round, cancellation);
        _member = _states.Member(round);
        _updates = await _states.UpdatesAsync(round, _before, cancellation);
    }

    static string? Compare(LedgerEvent recorded, LedgerEvent computed) =>
        EventJson.Serialize(recorded).AsSpan().SequenceEqual(EventJson.Serialize(computed)) ? null
        : "Recomputing it from the stored updates gives another result.";

    static string? CompareAggregates(RoundAggregated recorded, RoundAggregated computed)
    {
        if (Compare(recorded, computed) is not { } problem)
            return null;
        return recorded with { AggregatorState = computed.AggregatorState } == computed
            ? "Recomputing from the stored updates gives other states of the aggregators."
            : problem;
    }

    static string? CompareValuations(RoundValued recorded, RoundValued computed)
    {
        if (Compare(recorded, computed) is not { } problem)
            return null;
        string[] different =
            [.. recorded.Valuations.Zip(computed.Valuations).Where(pair => pair.First != pair.Second).Select(pair => pair.First.Method)];
        return different.Length == 0 ? problem : $"Recomputing from the stored updates gives other values by {string.Join(", ", different)}.";
    }

    sealed class Relay(IProgress<string>? progress, int round) : IProgress<string>
    {
        public void Report(string value) => progress?.Report($"round {round}: {value}");
    }
}
