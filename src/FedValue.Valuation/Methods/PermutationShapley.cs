using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

sealed class PermutationShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "permutation", "Permutation Shapley", "The measured utility, as for exact Shapley, over random orders of the participants.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "Unbiased; symmetry holds in expectation, within the sampling error; linearity for equal numbers of permutations.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        PermutationEstimate estimate = PermutationSampling.Run(
            round.Utility, round.Sampling, round.Seed, (uint)round.Round, round.Threads, cancellation);
        return new MethodResult(
            Estimate.Sampled(estimate.Values, estimate.StandardErrors, estimate.Replicates),
            estimate.Evaluations,
            estimate.Permutations,
            estimate.Converged ? MethodResult.Converged : MethodResult.StoppedAtMaximum);
    }
}
