using FedValue.Federation.Aggregation;
using FedValue.Valuation.Games;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The coalition utility of a rule that did not aggregate the round. A model of it that cannot be measured is that rule's doing, not
/// training's, and the message says so.
/// </summary>
sealed class CounterfactualUtility(int round, AggregationRule rule, CoalitionUtility utility, RoundUpdates updates) : IUtility
{
    public int Players => utility.Players;

    public int Columns => utility.Columns;

    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        utility.Evaluate(coalition, utilities);
        foreach (double column in utilities)
        {
            if (!double.IsFinite(column))
                throw NotFinite(coalition);
        }
    }

    public void EvaluateAll(double[] utilities, int threads, CancellationToken cancellation)
    {
        try
        {
            utility.EvaluateAll(utilities, threads, cancellation);
        }
        catch (UtilityNotFiniteException diverged)
        {
            throw NotFinite(diverged.Coalition);
        }
    }

    CounterfactualNotFiniteException NotFinite(Coalition coalition) =>
        new(round, rule.Spec, [.. coalition.Members().Select(k => updates.Participants[k])]);
}

/// <summary>The model that a counterfactual aggregator would have made cannot be measured.</summary>
public sealed class CounterfactualNotFiniteException(int round, string aggregator, IReadOnlyList<string> coalition) : Exception(
    $"Round {round}: the model that counterfactual aggregator '{aggregator}' would have made from {Of(coalition)} has no finite validation "
    + "loss; leave it out of --counterfactual, or lower its learning rate.")
{
    static string Of(IReadOnlyList<string> coalition) => coalition.Count == 0 ? "no update" : string.Join(", ", coalition);
}
