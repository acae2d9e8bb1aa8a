using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>Gives <see cref="Aggregator"/> its turns; the aggregation itself runs outside of them.</summary>
sealed class AggregatorGrain(
    IFederationStores stores, FederationSetups setups, FederationViews views, FederationClocks clocks, RoundTracing tracing) : Grain, IAggregatorGrain
{
    LongWork<RoundAggregated> _work = null!; // there from activation on
    ILedgerView _ledger = null!;
    ILedgerGrain _writer = null!;
    Aggregator? _role;

    string Federation => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _work = new(WriteAsync);
        _ledger = views.Of(Federation);
        _writer = GrainFactory.GetGrain<ILedgerGrain>(Federation);
        return Task.CompletedTask;
    }

    public async Task<AppendMessage> OpenRoundAsync(string[] cohort)
    {
        try
        {
            RoundOpened opened = await (await RoleAsync()).OpenRoundAsync(cohort, clocks.Ledger.GetUtcNow().ToUnixTimeMilliseconds());
            return await _writer.AppendAsync([EventJson.Serialize(opened)]);
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return AppendMessage.Failed(failed);
        }
    }

    public Task<WorkMessage> CloseRoundAsync(int round) => _work.AskAsync(
        round, _ledger,
        state => state.LastRound >= round || (state.Round is { Aggregated: not null } open && open.Number == round) ? WorkMessage.Done() : null,
        BeginAsync);

    public Task CompleteAsync() => _work.CompleteAsync();

    async Task<FailureMessage?> WriteAsync(RoundAggregated aggregated)
    {
        // An update accepted while the work ran makes the ledger refuse its result; the next question begins it again, with that update.
        return (await _writer.AppendAsync([EventJson.Serialize(aggregated)])).Failure;
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

    async Task BeginAsync()
    {
        AggregationWork work = tracing.Traced(await (await RoleAsync()).BeginAggregationAsync(_work.Round));
        IAggregatorGrain self = this.AsReference<IAggregatorGrain>();
        _work.Begin((_, stop) => work(stop), () => self.CompleteAsync().Ignore(), "aggregating");
    }

    async Task<Aggregator> RoleAsync() =>
        _role ??= new Aggregator(await setups.GetAsync(Federation, _ledger), _ledger, stores.Blobs(Federation));
}
