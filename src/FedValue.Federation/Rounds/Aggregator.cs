using FedValue.Federation.Aggregation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The long work of aggregating a round, to be run outside of any turn: reads the updates, aggregates them, stores what the event names.
/// </summary>
public delegate Task<RoundAggregated> AggregationWork(CancellationToken cancellation);

/// <summary>The role that opens and closes rounds and makes the next model. One per federation; single-threaded, knows no host.</summary>
public sealed class Aggregator(FederationSetup setup, ILedgerView ledger, IBlobStore blobs)
{
    readonly TrainingStates _states = new(setup, blobs);

    /// <summary>The event that opens the next round for a cohort; the aggregator of the round is drawn here.</summary>
    /// <param name="cohort">Enrolled participants, in any order, each once.</param>
    /// <param name="at">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Stops reading the ledger.</param>
    /// <exception cref="RoundException">The cohort does not fit into an entry.</exception>
    public async Task<RoundOpened> OpenRoundAsync(IEnumerable<string> cohort, long at, CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        int round = state.LastRound + 1;
        string aggregator = setup.Pool.Members[setup.Pool.Draw(state.Terms.Seed, round)].Spec;
        var opened = new RoundOpened(round, state.CurrentModel, aggregator, [.. cohort.Order(StringComparer.Ordinal)], at);
        try
        {
            EventJson.Serialize(opened);
            return opened;
        }
        catch (LedgerFormatException)
        {
            throw new RoundException(
                $"The ids of {opened.Cohort.Count} participants do not fit into an entry of {EventJson.LengthMax} bytes; invite fewer, or give them "
                + "shorter ids.");
        }
    }

    /// <summary>Hands out the work of aggregating the updates that are accepted now; its event may be appended when it is done.</summary>
    /// <param name="number">The round: another one, which may be open since this one was abandoned, is left alone.</param>
    /// <param name="cancellation">Stops reading the ledger.</param>
    /// <exception cref="RoundException">The round takes no updates.</exception>
    public async Task<AggregationWork> BeginAggregationAsync(int number, CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (state.Round is not { Aggregated: null } round || round.Number != number)
            throw new RoundException($"Expected round {number} to take updates, but it does not; open it first.");
        return stop => AggregateAsync(round, stop);
    }

    async Task<RoundAggregated> AggregateAsync(RoundState round, CancellationToken cancellation)
    {
        using TrainingState before = await _states.BeforeAsync(round, cancellation);
        using RoundUpdates updates = await _states.UpdatesAsync(round, before, cancellation);
        AggregatedRound aggregated = RoundAggregation.Run(setup, before, round.Number, _states.Member(round), updates);
        foreach (IBlobContent blob in aggregated.Blobs)
            await blobs.PutAsync(blob, cancellation);
        return aggregated.Event;
    }
}
