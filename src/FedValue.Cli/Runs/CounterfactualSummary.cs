using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Runs;

/// <summary>Somebody's shares of the run, and how far they are from the shares of the data.</summary>
/// <param name="Name">An aggregator's spec, <c>mean</c> or <c>equal</c>.</param>
/// <param name="Values">Values summed over the rounds, one per participant; null for the equal payout, which has none.</param>
/// <param name="Shares">Shares of the sum of positive values, as a payout of the whole run would divide; null where none is positive.</param>
/// <param name="SquaredDistance">Squared Euclidean distance of the shares from those of the data's size; null without shares.</param>
/// <param name="LargestDistance">Chebyshev distance, likewise.</param>
sealed record CounterfactualShares(
    string Name, IReadOnlyList<double>? Values, IReadOnlyList<double>? Shares, double? SquaredDistance, double? LargestDistance);

/// <summary>What the choice of the aggregator does to values and shares, over the whole run.</summary>
sealed class CounterfactualSummary
{
    CounterfactualSummary(FederationHistory history, SimulationPlan plan, string method)
    {
        Method = method;
        Pool = history.Created.Terms.Counterfactual.Members;
        Total = history.Total(method);
        int n = plan.Participants.Count;
        double rows = plan.Participants.Sum(participant => (double)participant.Rows.Count);
        Sizes = [.. plan.Participants.Select(participant => participant.Rows.Count / rows)];
        Members = [.. Pool.Zip(Total.MemberValues, (member, values) => Of(member.Name, values, ShareDistance.PositiveShares(values)))];
        Mean = Of("mean", Total.Values, ShareDistance.PositiveShares(Total.Values));
        Equal = Of("equal", null, ShareDistance.Equal(n));
        Stability = ShareDistance.MeanPairwise([.. Members.Select(member => member.Shares).OfType<IReadOnlyList<double>>()]);
        SizeIsTruth = plan.Participants.All(participant => participant.Corruptions.Count == 0)
            && plan.Options.Partition!.Split(':')[0] is "iid" or "size-dirichlet";
    }

    /// <summary>The spec of the method that read the pool.</summary>
    public string Method { get; }

    /// <summary>The aggregators in the order of the terms.</summary>
    public IReadOnlyList<AggregatorTerms> Pool { get; }

    /// <summary>The mean over the aggregators, with its intervals and its spread.</summary>
    public Estimate Total { get; }

    /// <summary>One per aggregator.</summary>
    public IReadOnlyList<CounterfactualShares> Members { get; }

    /// <summary>Those of the mean.</summary>
    public CounterfactualShares Mean { get; }

    /// <summary>Everybody the same: what any valuation has to be better than.</summary>
    public CounterfactualShares Equal { get; }

    /// <summary>Each participant's share of all rows.</summary>
    public IReadOnlyList<double> Sizes { get; }

    /// <summary>Mean L1 distance between two aggregators' shares, 0 to 2; null where fewer than two have shares.</summary>
    public double? Stability { get; }

    /// <summary>Whether participants differ in the number of their rows only, so that size is what they contribute.</summary>
    public bool SizeIsTruth { get; }

    /// <summary>Of a run with a counterfactual pool; else null.</summary>
    public static CounterfactualSummary? Of(FederationHistory history, SimulationPlan plan) =>
        history.Methods.FirstOrDefault(method => method.Split(':')[0] == MethodCatalog.FedRandomMeanName) is { } method
            ? new CounterfactualSummary(history, plan, method)
            : null;

    CounterfactualShares Of(string name, IReadOnlyList<double>? values, IReadOnlyList<double>? shares) => new(
        name, values, shares,
        shares is null ? null : ShareDistance.SquaredEuclidean(shares, Sizes),
        shares is null ? null : ShareDistance.Chebyshev(shares, Sizes));
}
