using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>Gives <see cref="Aggregator"/> its turns; the aggregation itself runs outside of them.</summary>
sealed class AggregatorGrain(
    IFederationStores stores, FederationSetups setups, FederationViews views, TimeProvider clock, RoundTracing tracing) : Grain, IAggregatorGrain
{
    readonly LongWork<AggregatedRound> _work = new();
    ILedgerView _ledger = null!; // there from activation on
    ILedgerGrain _writer = null!;
    Aggregator? _role;
    (int Round, FailureMessage Why)? _failure;
    int _round; // that the work is about

    string Federation => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _ledger = views.Of(Federation);
        _writer = GrainFactory.GetGrain<ILedgerGrain>(Federation);
        return Task.CompletedTask;
    }

    public async Task<AppendMessage> OpenRoundAsync(string[] cohort)
    {
        try
        {
            RoundOpened opened = await (await RoleAsync()).OpenRoundAsync(cohort, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return await _writer.AppendAsync([EventJson.Serialize(opened)]);
        }
        catch (RoundException refused)
        {
            return new AppendMessage([], FailureMessage.Of(refused));
        }
    }

    public async Task<WorkMessage> CloseRoundAsync(int round)
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
            if (state.RoundsPaid >= round || (state.Round is { Aggregated: not null } aggregated && aggregated.Number == round))
                return WorkMessage.Done();
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
        if ((ended.Result is { } aggregated ? await WriteAsync(aggregated) : ended.Failure) is { } why)
            _failure = (_round, why);
    }

    async Task<FailureMessage?> WriteAsync(AggregatedRound aggregated)
    {
        try
        {
            RoundAggregated closed = await (await RoleAsync()).CompleteAggregationAsync(aggregated);
            // An update accepted while the work ran makes the ledger refuse its result; the next question begins it again, with that update.
            return _work.GiveUp((await _writer.AppendAsync([EventJson.Serialize(closed)])).Failure);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            return FailureMessage.Of(failed); // nobody waits for this command, so the next question hears of it
        }
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

    async Task BeginAsync(int round)
    {
        _round = round;
        Func<AggregatedRound> work = tracing.Traced(await (await RoleAsync()).BeginAggregationAsync());
        IAggregatorGrain self = this.AsReference<IAggregatorGrain>();
        _work.Begin((_, _) => work(), () => self.CompleteAsync().Ignore(), "aggregating");
    }

    async Task<Aggregator> RoleAsync() =>
        _role ??= new Aggregator(await setups.GetAsync(Federation, _ledger), _ledger, stores.Blobs(Federation));
}
