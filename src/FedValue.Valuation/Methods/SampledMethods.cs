using FedValue.Valuation.Sampling;
using FedValue.Valuation.Specs;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>The mean of independent samples of the measured utility's semivalue, until the run's stopping rule is met.</summary>
abstract class SampledMethod : IRoundMethod
{
    public abstract MethodInfo Info { get; }

    protected abstract IValueSampler Sampler(RoundEvidence round);

    protected virtual StoppingRule Rule(RoundEvidence round) => round.SamplingOf(Info.Name);

    protected virtual bool HasConverged(RoundEvidence round, PermutationEstimate estimate) => estimate.Converged;

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        PermutationEstimate estimate = SampleMean.Run(round.Utility, Sampler(round), Rule(round), round.Threads, cancellation);
        return ResultOf(estimate, HasConverged(round, estimate));
    }

    internal static MethodResult ResultOf(PermutationEstimate estimate, bool converged) => new(
        Estimate.Sampled(estimate.Values, estimate.StandardErrors, estimate.Replicates),
        estimate.Evaluations,
        estimate.Permutations,
        converged ? MethodResult.Converged : MethodResult.StoppedAtMaximum);

    /// <summary>How many parts of so many permutations one sample may have, if ten samples are to fit into the maximum.</summary>
    protected static int Parts(int wanted, int permutationsPerPart, RoundEvidence round) =>
        Math.Max(1, Math.Min(wanted, round.Sampling.Maximum / (10 * permutationsPerPart)));
}

sealed class PermutationShapley : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        "permutation", "Permutation Shapley", "The measured utility, as for exact Shapley, over random orders of the participants.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "Unbiased; symmetry holds in expectation, within the sampling error; linearity for equal numbers of permutations.");

    protected override IValueSampler Sampler(RoundEvidence round) => new PermutationSampler(round.Seed, (uint)round.Round);
}

sealed class AntitheticShapley : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        "permutation-antithetic", "Antithetic Shapley",
        "The measured utility, as for exact Shapley, over random orders of the participants and their reverses.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "Unbiased; an order and its reverse are one sample; symmetry holds in expectation; linearity for equal numbers of permutations.");

    protected override IValueSampler Sampler(RoundEvidence round) => new AntitheticSampler(round.Seed, (uint)round.Round);
}

sealed class StratifiedShapley : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        "stratified", "Stratified Shapley",
        "The measured utility, as for exact Shapley, over random orders of the participants and their rotations.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "Unbiased; the rotations of an order, in which everybody takes every place once, are one sample (a tenth of the maximum at most); "
            + "symmetry holds in expectation; linearity for equal numbers of permutations.");

    protected override IValueSampler Sampler(RoundEvidence round) =>
        new StratifiedSampler(round.Seed, (uint)round.Round, Parts(round.Count, 1, round));
}

sealed class OwenShapley(SpecValues settings) : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        settings.Text, "Owen Shapley",
        "The measured utility, as for exact Shapley, over coalitions that everybody joins with the same random probability.",
        Axioms.NullPlayer | Axioms.Linearity,
        "Unbiased; values sum to the round's gain in expectation only; permutations counts coalitions with all their neighbours.");

    protected override IValueSampler Sampler(RoundEvidence round) =>
        new OwenSampler(round.Seed, (uint)round.Round, Parts(settings.Count("levels"), 2, round));
}

sealed class BanzhafSampleReuse : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        "banzhaf-msr", "Banzhaf, sample reuse", "The measured utility, as for Banzhaf, over coalitions by fair coins and their complements.",
        Axioms.Linearity,
        "Unbiased for Banzhaf; symmetry and null player hold in expectation; permutations counts pairs of coalitions, of two evaluations each.");

    protected override IValueSampler Sampler(RoundEvidence round) => new BanzhafSampler(round.Seed, (uint)round.Round);
}

sealed class TruncatedShapley(SpecValues settings) : SampledMethod
{
    public override MethodInfo Info { get; } = new(
        settings.Text, "Truncated Monte Carlo (TMC)",
        "The measured utility, as for exact Shapley; orders end where the gain left is below tolerance x |U(N) - U(empty)|.",
        Axioms.NullPlayer,
        "Biased: the sum is off by at most tolerance x |U(N) - U(empty)|, and so is every value where more updates never hurt; the interval "
            + "does not hold this bias; tolerance 0 is permutation.");

    protected override IValueSampler Sampler(RoundEvidence round) =>
        new TruncatedSampler(round.Seed, (uint)round.Round, settings["tolerance"]);
}
