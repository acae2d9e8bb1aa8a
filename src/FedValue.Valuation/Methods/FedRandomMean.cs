using FedValue.Valuation.Games;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Specs;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// Counterfactual FedRandom: the round's Shapley values under every member of a pool of aggregators, and their mean. FedValue's own variant
/// of FedRandom (arXiv 2602.05693), which draws the aggregator that trains; here the pool touches no model.
/// </summary>
sealed class FedRandomMean(SpecValues settings) : IRoundMethod
{
    /// <summary>Up to so many participants all coalitions are enumerated, 2^n evaluations for each member.</summary>
    public static Setting ExactUpTo { get; } = new(
        "exact-up-to", 12, $"a whole number from 0 to {CoalitionTable.PlayersMax}",
        v => v >= 0 && v <= CoalitionTable.PlayersMax && v == Math.Floor(v));

    public MethodInfo Info { get; } = new(
        settings.Text, "FedRandom mean",
        "The mean, over a pool of aggregators, of the measured utility of the model that each coalition would have made under that one.",
        Axioms.All,
        $"With more than {settings.Count(ExactUpTo.Name)} participants over random orders, the same for every aggregator: symmetry holds in "
            + "expectation then. The spread over aggregators is reported beside the interval and is no part of it.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation) =>
        round.Count <= settings.Count(ExactUpTo.Name) ? Exact(round, cancellation) : Sampled(round, cancellation);

    static MethodResult Exact(RoundEvidence round, CancellationToken cancellation)
    {
        Semivalue shapley = Semivalue.Shapley(round.Count);
        Estimate[] members =
        [
            .. round.Pool.Select(utility => TableMethod.EstimateOf(
                CoalitionTable.Evaluate(utility, round.Threads, cancellation), shapley, round.Threads, cancellation)),
        ];
        double[][] values = [.. members.Select(member => member.Values.ToArray())];
        double[][] replicates =
            [.. Enumerable.Range(0, members[0].Replicates.Count).Select(b => Mean([.. members.Select(member => member.Replicates[b])]))];
        return new MethodResult(
            Estimate.FromValidation(Mean(values), replicates).OverMembers(values), (1L << round.Count) * round.Pool.Sum(m => m.Models));
    }

    MethodResult Sampled(RoundEvidence round, CancellationToken cancellation)
    {
        PermutationEstimate sampled = PermutationSampling.Run(
            new PoolUtility(round.Pool), round.SamplingOf(Info.Name), round.Seed, (uint)round.Round, round.Threads, cancellation);
        double[][] values = sampled.Replicates[^round.Pool.Count..];
        PermutationEstimate mean = sampled with { Values = Mean(values), Replicates = sampled.Replicates[..^round.Pool.Count] };
        MethodResult result = SampledMethod.ResultOf(mean, mean.Converged);
        return result with { Estimate = result.Estimate.OverMembers(values) };
    }

    /// <summary>The mean of s vectors, added in their order; of one vector, its bits.</summary>
    static double[] Mean(double[][] vectors)
    {
        double[] mean = [.. vectors[0]];
        for (int j = 0; j < mean.Length; j++)
        {
            for (int m = 1; m < vectors.Length; m++)
                mean[j] += vectors[m][j];
            mean[j] /= vectors.Length;
        }
        return mean;
    }
}
