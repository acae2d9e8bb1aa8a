using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// In-Run Data Shapley, second order (arXiv 2406.11011), negated so that a fall of the loss is positive:
/// phi_k = p_k (&lt;g, x_k&gt; - 1/2 &lt;x_k, H sum_j p_j x_j&gt;) with gradient g and Hessian H of the validation loss.
/// </summary>
sealed class InRunSecondOrder : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "in-run-2", "In-Run, second order",
        "The second-order change of the validation loss under FedAvg with fixed weights p_k.",
        Axioms.All, "Sums to the predicted, not the measured gain; assumes the server averages.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        IReadOnlyList<double[]> curvature = round.Measured.CurvatureProducts;
        double[] Values(GradientProducts gradient, double[] bent) =>
            [.. round.Weights.Select((weight, k) => weight * (gradient.Products[k] - 0.5 * bent[k]))];
        return new MethodResult(Estimate.FromValidation(
            Values(round.Geometry.Gradient, curvature[0]),
            [.. round.Geometry.GradientReplicates.Select((gradient, b) => Values(gradient, curvature[1 + b]))]));
    }
}
