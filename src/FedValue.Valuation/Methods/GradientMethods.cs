using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>A score of each update by itself, from its inner product with the validation gradient.</summary>
abstract class GradientMethod : IRoundMethod
{
    public abstract MethodInfo Info { get; }

    protected abstract double Score(RoundEvidence round, GradientProducts gradient, int participant);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        double[] Scores(GradientProducts gradient) => [.. Enumerable.Range(0, round.Count).Select(k => Score(round, gradient, k))];
        return new MethodResult(Estimate.FromValidation(
            Scores(round.Geometry.Gradient), [.. round.Geometry.GradientReplicates.Select(Scores)]));
    }
}

/// <summary>DVGS (Evans et al. 2024) with participants in the place of data points.</summary>
sealed class CosineSimilarity : GradientMethod
{
    public override MethodInfo Info { get; } = new(
        "cosine", "Cosine (DVGS)", "No game: the cosine between the update and the downhill direction of the validation loss, -1 to 1.",
        Axioms.Symmetry, "A score of direction; it does not grow with the size of the update and does not sum to the gain.");

    protected override double Score(RoundEvidence round, GradientProducts gradient, int participant)
    {
        double norm = round.Geometry.Norm(participant);
        return norm > RoundGeometry.NormMin && gradient.Norm > RoundGeometry.NormMin
            ? Math.Clamp(gradient.Products[participant] / (norm * gradient.Norm), -1, 1) // rounding may step over 1
            : 0;
    }
}

/// <summary>In-Run Data Shapley, first order (arXiv 2406.11011), negated so that a fall of the loss is positive.</summary>
sealed class InRunFirstOrder : GradientMethod
{
    public override MethodInfo Info { get; } = new(
        "in-run", "In-Run, first order",
        "The first-order change of the validation loss under FedAvg with fixed weights p_k: an additive game.",
        Axioms.All, "Sums to the predicted, not the measured gain; assumes the server averages.");

    protected override double Score(RoundEvidence round, GradientProducts gradient, int participant) =>
        round.Weights[participant] * gradient.Products[participant];
}
