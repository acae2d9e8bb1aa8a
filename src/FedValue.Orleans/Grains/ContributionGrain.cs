using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
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
    IFederationStores stores, FederationSetups setups, FederationViews views, IComputeBackend backend, TimeProvider clock, RoundTracing tracing)
    : Grain, IContributionGrain, IStreamSubscriptionObserver
{
    readonly LongWork<ValuedRound> _work = new();
    ILedgerView _ledger = null!; // there from activation on
    ILedgerGrain _writer = null!;
    ContributionTracker? _role;
    (int Round, FailureMessage Why)? _failure;
    int _round; // that the work is about
    Dictionary<string, double> _seconds = [];

    string Federation => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _ledger = views.Of(Federation);
        _writer = GrainFactory.GetGrain<ILedgerGrain>(Federation);
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<EntryNote>().ResumeAsync((_, _) => CatchUpAsync());

    public async Task<WorkMessage> ValueRoundAsync(int round)
    {
        if (_work.HasEnded)
            await CompleteAsync();
        if (_failure is { } failure)
        {
            _failure = null;
            if (failure.Round == round)
                return WorkMessage.Failed(failure.Why);
        }
        try
        {
            FederationState state = await _ledger.CurrentAsync();
            if (state.RoundsPaid >= round)
                return WorkMessage.Done(_round == round ? _seconds : null);
            if (state.Round?.Number != round)
                throw new RoundException($"Round {round} is not open; open it first.");
            if (!_work.IsBegun)
                await BeginAsync(round);
            return WorkMessage.Running(_work.Step);
        }
        catch (Exception failed) when (failed is RoundException or BlobException or FormatException or IOException)
        {
            return WorkMessage.Failed(FailureMessage.Of(failed));
        }
    }

    public async Task CompleteAsync()
    {
        if (_work.Take() is not { } ended)
            return;
        if ((ended.Result is { } valued ? await WriteAsync(valued) : ended.Failure) is { } why)
            _failure = (_round, why);
    }

    async Task<FailureMessage?> WriteAsync(ValuedRound valued)
    {
        try
        {
            RoundValued done = await (await RoleAsync()).CompleteValuationAsync(valued);
            string payBy = (await _ledger.CurrentAsync()).Terms.Payment.PayBy;
            double[] values = [.. valued.Results.FirstOrDefault(r => r.Method == payBy)?.Result.Estimate.Values ?? []];
            _seconds = valued.Results.ToDictionary(result => result.Method, result => result.Time.TotalSeconds);
            // Another activation may have paid the round meanwhile; the next question sees that on the ledger.
            return _work.GiveUp((await _writer.SettleAsync(EventJson.Serialize(done), values)).Failure);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            return FailureMessage.Of(failed); // nobody waits for this command, so the next question hears of it
        }
    }

    async Task BeginAsync(int round)
    {
        _round = round;
        ValuationWork work = tracing.Traced(await (await RoleAsync()).BeginValuationAsync());
        IContributionGrain self = this.AsReference<IContributionGrain>();
        _work.Begin((progress, stop) => work(progress, stop), () => self.CompleteAsync().Ignore());
    }

    public Task CancelAsync()
    {
        _work.Cancel();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _work.Cancel();
        return Task.CompletedTask;
    }

    async Task CatchUpAsync()
    {
        if ((await _ledger.CurrentAsync()).Round is not null && !_work.IsBegun)
            await (await RoleAsync()).CatchUpAsync();
    }

    async Task<ContributionTracker> RoleAsync() => _role ??=
        new ContributionTracker(await setups.GetAsync(Federation, _ledger), _ledger, stores.Blobs(Federation), backend, clock);
}
