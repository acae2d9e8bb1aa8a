using FedValue.Kernels;
using FedValue.Valuation.Games;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Specs;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// FedSV (Wang et al. 2020, arXiv 2009.06192): permutation sampling within the round from U(w_t), with
/// T = 2 (r/eps)^2 ln(2n/delta) permutations, eps being given as a share of the utility's range r.
/// </summary>
sealed class FederatedShapley(SpecValues settings) : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        settings.Text, "FedSV", "The measured utility, as for exact Shapley, from the round's starting model; absent participants get 0.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "The same computation as permutation but for the number of permutations, 2/epsilon^2 x ln(2n/delta) up to the run's maximum "
            + "(epsilon 0: the run's stopping rule), and as exact with all orders.");

    protected override IValueSampler Sampler(RoundEvidence round) => new PermutationSampler(round.Seed, (uint)round.Round);

    protected override StoppingRule Rule(RoundEvidence round)
    {
        if (!IsBounded(round))
            return round.SamplingOf(Info.Name);
        int permutations = (int)Math.Min(Permutations(round), round.Sampling.Maximum);
        return new StoppingRule(permutations, permutations, 0);
    }

    protected override bool HasConverged(RoundEvidence round, PermutationEstimate estimate) =>
        IsBounded(round) ? estimate.Permutations >= Permutations(round) : estimate.Converged;

    bool IsBounded(RoundEvidence round) => settings["epsilon"] > 0 && round.Count > 0;

    double Permutations(RoundEvidence round) => Permutations(settings["epsilon"], settings["delta"], round.Count);

    /// <summary>The bound, a whole number of 2 or more.</summary>
    internal static double Permutations(double epsilon, double delta, int players) =>
        Math.Max(2, Math.Ceiling(2 / (epsilon * epsilon) * Elementary.Log(2 * players / delta)));
}

sealed class GuidedShapley(SpecValues settings) : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        settings.Text, "GTG-Shapley",
        "The measured utility, as for exact Shapley, over orders that everybody leads equally often; orders end where the gain left is small.",
        Axioms.NullPlayer,
        "Biased: the sum is off by at most within; a round that gains at most between is worth 0 to everybody, without an interval; the "
            + "interval holds neither; stops by its own criterion or at the run's maximum; nothing is rescaled.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        var guided = new GuidedSettings(settings["between"], settings["within"], settings["change"], settings.Count("last"));
        return GuidedSampling.Run(
            round.Utility, guided, round.Sampling.Maximum, round.Seed, (uint)round.Round, round.Threads, cancellation) is { } estimate
            ? SampledMethod.ResultOf(estimate, estimate.Converged)
            : new MethodResult(
                Estimate.WithoutInterval(new double[round.Count]), round.Count == 0 ? 1 : 2, Status: MethodResult.Truncated);
    }
}

/// <summary>MR (Song et al. 2019): exact Shapley of every round's updates averaged as FedAvg does, whatever the round's aggregator.</summary>
sealed class MultiRound : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "mr", "Multi-round (MR)", "The measured utility of the FedAvg model of each coalition, whatever the round's aggregator.",
        Axioms.All, "Under FedAvg the same as exact; under another aggregator it does not sum to the round's gain.", Enumerates: true);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation) => Scaled(round, 1, cancellation);

    /// <summary>Exact Shapley values of the FedAvg utility, times a weight.</summary>
    internal static MethodResult Scaled(RoundEvidence round, double weight, CancellationToken cancellation)
    {
        (CoalitionTable table, long evaluations) = round.RequireFedAvgTable(cancellation);
        Semivalue shapley = Semivalue.Shapley(round.Count);
        double[][] columns =
            [.. Enumerable.Range(0, table.Columns).Select(c => Array.ConvertAll(shapley.Values(table, c), value => weight * value))];
        return new MethodResult(Estimate.FromValidation(columns[0], columns[1..]), evaluations);
    }
}

/// <summary>TMR (Wei et al. 2020): MR with weight decay^t in round t, and nothing once that weight is below the truncation.</summary>
sealed class TruncatedMultiRound(SpecValues settings) : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        settings.Text, "Truncated multi-round (TMR)",
        "decay^t times the measured utility of the FedAvg model of each coalition in round t, whatever the round's aggregator.",
        Axioms.All, "Favours early rounds by definition; rounds whose decay^t is below truncation are worth 0, without an interval.",
        Enumerates: true);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        double weight = Weight(settings["decay"], round.Round);
        return weight < settings["truncation"]
            ? new MethodResult(Estimate.WithoutInterval(new double[round.Count]), Status: MethodResult.Truncated)
            : MultiRound.Scaled(round, weight, cancellation);
    }

    static double Weight(double decay, int round)
    {
        double weight = 1;
        for (int t = 1; t <= round; t++)
            weight *= decay;
        return weight;
    }
}
