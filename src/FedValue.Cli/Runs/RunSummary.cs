using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Anomalies;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Runs;

/// <summary>One method over the whole run.</summary>
/// <param name="Info">What it is.</param>
/// <param name="Total">Values summed over the rounds, one per participant.</param>
/// <param name="Spearman">Rank correlation with exact Shapley; null where there is none.</param>
/// <param name="ShareDifference">Largest difference of a participant's share from exact Shapley's, 0 to 1; null where undefined.</param>
/// <param name="Evaluations">Coalition utilities measured for it.</param>
/// <param name="Permutations">Permutations drawn for it.</param>
/// <param name="StoppedEarly">Rounds in which sampling hit its maximum before its tolerance.</param>
/// <param name="Time">Wall time.</param>
sealed record MethodSummary(
    MethodInfo Info,
    Estimate Total,
    double? Spearman,
    double? ShareDifference,
    long Evaluations,
    long Permutations,
    int StoppedEarly,
    TimeSpan Time);

/// <summary>All a finished simulation has to say: what console, run.json and report show.</summary>
sealed class RunSummary
{
    public RunSummary(SimulationPlan plan, SimulationOutcome outcome, FederationHistory history, AnomalyReport anomalies)
    {
        if (!plan.Participants.Select(participant => participant.Id).SequenceEqual(history.Participants))
            throw new ArgumentException("Plan and ledger must hold the same participants in the same order.", nameof(history));
        Plan = plan;
        Outcome = outcome;
        History = history;
        Anomalies = anomalies;
        Estimate? exact = history.Methods.Contains(MethodCatalog.ExactName) ? history.Total(MethodCatalog.ExactName) : null;
        Methods = [.. history.Methods.Select(name => Summarize(name, exact))];
        Counterfactual = CounterfactualSummary.Of(history, plan);
        Warnings = [.. RunWarnings.Of(history), .. RunWarnings.Of(plan)];
    }

    public SimulationPlan Plan { get; }

    public SimulationOutcome Outcome { get; }

    public FederationHistory History { get; }

    /// <summary>Who behaves unlike an honest participant; no value and no payout depends on it.</summary>
    public AnomalyReport Anomalies { get; }

    /// <summary>What was not looked for among the anomalies, with the reason; sentences.</summary>
    public IEnumerable<string> NotLookedFor => AnomalyLimits.NotLookedFor(Anomalies, History.Created.Terms.GramLimit);

    /// <summary>In the order of the terms.</summary>
    public IReadOnlyList<MethodSummary> Methods { get; }

    /// <summary>How coalitions under the round's own aggregator were measured, one word per round: rule, model and sizes decide it.</summary>
    public IReadOnlyList<string> CoalitionPaths => [.. History.Rounds.Select(round => CoalitionUtility.PathOf(
        AggregationRules.Parse(round.Opened.Aggregator), Plan.Creation.Model.Network!, Plan.Creation.Validation!.Rows.Count, round.Accepted.Count)
        == CoalitionPath.FirstLayerSums ? "first-layer sums" : "rebuilt models")];

    /// <summary>What other aggregators would have said; null where the run was not asked.</summary>
    public CounterfactualSummary? Counterfactual { get; }

    /// <summary>What a reader must know before trusting a number; sentences.</summary>
    public IReadOnlyList<string> Warnings { get; }

    MethodSummary Summarize(string name, Estimate? exact)
    {
        Estimate total = History.Total(name);
        var valuations = History.Rounds.Select(r => r.Valued.Valuations.First(v => v.Method == name)).ToList();
        return new MethodSummary(
            MethodCatalog.Get(name).Info,
            total,
            exact is null ? null : MethodAgreement.Spearman(exact.Values, total.Values),
            exact is null ? null : MethodAgreement.LargestShareDifference(exact.Values, total.Values),
            valuations.Sum(v => v.Evaluations),
            valuations.Sum(v => v.Permutations),
            valuations.Count(v => v.Status == MethodResult.StoppedAtMaximum),
            Outcome.MethodTimes.GetValueOrDefault(name));
    }
}
