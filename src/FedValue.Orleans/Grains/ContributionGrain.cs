using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace FedValue.Orleans.Grains;

/// <summary>
/// Gives <see cref="ContributionTracker"/> its turns; the valuation itself runs outside of them. Notes of accepted updates let it begin early:
/// it finds on the ledger whatever no note told.
/// </summary>
[ImplicitStreamSubscription(FederationStreams.Updates)]
sealed class ContributionGrain(
    IFederationStores stores, FederationSetups setups, FederationViews views, IComputeBackend backend, FederationClocks clocks,
    RoundTracing tracing)
    : Grain, IContributionGrain, IStreamSubscriptionObserver
{
    LongWork<ValuedRound> _work = null!; // there from activation on
    ILedgerView _ledger = null!;
    ILedgerGrain _writer = null!;
    ContributionTracker? _role;
    Dictionary<string, double> _seconds = [];

    string Federation => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _work = new(WriteAsync);
        _ledger = views.Of(Federation);
        _writer = GrainFactory.GetGrain<ILedgerGrain>(Federation);
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<EntryNote>().ResumeAsync((_, _) => CatchUpAsync());

    public Task<WorkMessage> ValueRoundAsync(int round) => _work.AskAsync(
        round, _ledger, state => state.LastRound >= round ? WorkMessage.Done(_work.Round == round ? _seconds : null) : null, BeginAsync);

    public Task CompleteAsync() => _work.CompleteAsync();

    async Task<FailureMessage?> WriteAsync(ValuedRound valued)
    {
        RoundValued done = (await RoleAsync()).CompleteValuation(valued);
        string payBy = (await _ledger.CurrentAsync()).Terms.Payment.PayBy;
        double[] values = [.. valued.Results.FirstOrDefault(r => r.Method == payBy)?.Result.Estimate.Values ?? []];
        _seconds = valued.Results.ToDictionary(result => result.Method, result => result.Time.TotalSeconds);
        // Another activation may have paid the round meanwhile; the next question sees that on the ledger.
        return (await _writer.SettleAsync(EventJson.Serialize(done), values)).Failure;
    }

    async Task BeginAsync()
    {
        ValuationWork work = tracing.Traced(await (await RoleAsync()).BeginValuationAsync(_work.Round));
        IContributionGrain self = this.AsReference<IContributionGrain>();
        _work.Begin((progress, stop) => work(progress, stop), () => self.CompleteAsync().Ignore());
    }

    public Task CancelAsync(int round)
    {
        _work.CancelUpTo(round);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _work.Cancel();
        return Task.CompletedTask;
    }

    async Task CatchUpAsync()
    {
        try
        {
            await (await RoleAsync()).CatchUpAsync();
        }
        catch (Exception)
        {
            // A note only starts work early, and may come when the federation has ended and its stores are closed. Whoever needs the result
            // asks for it, and meets the failure then.
        }
    }

    async Task<ContributionTracker> RoleAsync() => _role ??=
        new ContributionTracker(await setups.GetAsync(Federation, _ledger), _ledger, stores.Blobs(Federation), backend, clocks.Sampling);
}
