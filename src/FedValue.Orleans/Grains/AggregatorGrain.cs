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
    FailureMessage? _failure;

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

    public async Task<WorkMessage> CloseRoundAsync()
    {
        if (_failure is { } failure)
        {
            _failure = null;
            return WorkMessage.Failed(failure);
        }
        if (_work.IsBegun)
            return WorkMessage.Running(_work.Step);
        try
        {
            FederationState state = await _ledger.CurrentAsync();
            if (state.Round?.Aggregated is not null)
                return WorkMessage.Done();
            await BeginAsync();
            return WorkMessage.Running(_work.Step);
        }
        catch (Exception failed) when (failed is RoundException or BlobException or FormatException)
        {
            return WorkMessage.Failed(FailureMessage.Of(failed));
        }
    }

    public async Task CompleteAsync()
    {
        if (_work.Take() is not { } ended)
            return;
        _failure = ended.Result is { } aggregated ? await WriteAsync(aggregated) : ended.Failure;
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

    async Task BeginAsync()
    {
        Func<AggregatedRound> work = tracing.Traced(await (await RoleAsync()).BeginAggregationAsync());
        IAggregatorGrain self = this.AsReference<IAggregatorGrain>();
        _work.Begin((_, _) => work(), () => self.CompleteAsync().Ignore(), "aggregating");
    }

    async Task<Aggregator> RoleAsync() =>
        _role ??= new Aggregator(await setups.GetAsync(Federation, _ledger), _ledger, stores.Blobs(Federation));
}
