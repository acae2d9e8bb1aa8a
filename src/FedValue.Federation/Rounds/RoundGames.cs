using FedValue.Federation.Aggregation;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;

namespace FedValue.Federation.Rounds;

/// <summary>The games that coalitions of a round's updates can be measured in; without validation data there are players and no games.</summary>
/// <param name="Utility">Under the round's own rule.</param>
/// <param name="FedAvg">Under FedAvg; null where that is the round's rule, or where nothing is measured.</param>
/// <param name="Pool">Under each counterfactual aggregator; where there are none, one of one: the round's own.</param>
/// <param name="Accumulate">Of all updates so far: see <see cref="RoundEvidence.Accumulate"/>.</param>
sealed record RoundGames(
    IUtility Utility, IUtility? FedAvg, IReadOnlyList<IUtility> Pool, Func<IReadOnlyList<double[]?>, AccumulatedGame> Accumulate)
{
    /// <summary>The games of a round that begins at this state.</summary>
    /// <param name="setup">The federation.</param>
    /// <param name="state">What the round begins with.</param>
    /// <param name="round">The round's number.</param>
    /// <param name="member">The member of the pool that aggregates.</param>
    /// <param name="updates">The round's updates.</param>
    /// <param name="threads">How many threads may prepare a game; changes no bit.</param>
    public static RoundGames Of(FederationSetup setup, TrainingState state, int round, int member, RoundUpdates updates, int threads)
    {
        if (setup is not { Validation: { } validation, Utility: { } kind })
        {
            var none = new NoUtility(updates.Count);
            return new RoundGames(none, null, [none], _ => throw new InvalidOperationException("Nothing is measured without validation data."));
        }
        var parts = new UpdateParts(validation, updates, threads);
        AggregationRule own = setup.Pool.Members[member];
        CoalitionUtility utility = Under(own, state.States[member]);
        IUtility[]? counterfactuals = setup.Counterfactual?.Members.Zip(state.Counterfactuals, IUtility (other, before) =>
            new CounterfactualUtility(round, other, Under(other, before), updates)).ToArray();
        return new RoundGames(
            utility, own is FedAvg ? null : Under(new FedAvg(), new FedAvg().Start(updates.Rows.Length)), counterfactuals ?? [utility],
            before => AccumulatedUtility.Game(validation, kind, setup.Model.Weights, updates, before, threads));

        CoalitionUtility Under(AggregationRule rule, AggregationState before) => new(validation, kind, rule, before, updates, parts);
    }
}
