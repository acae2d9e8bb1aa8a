using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// Gradient Shapley of what FedAvg really averages: U(S) = &lt;m_S, g&gt; - |m_S|^2 / (2 kappa) with the weighted mean m_S of the coalition,
/// by enumeration on the Gram matrix. The curvature 1/kappa is fitted to the drop D that the weighted mean of all takes away:
/// kappa = |m_N|^2 / (2 (&lt;m_N, g&gt; - D)), so the values sum to D.
/// </summary>
sealed class WeightedMeanShapley : IRoundMethod
{
    const double CurvatureMin = 1e-9;

    public MethodInfo Info { get; } = new(
        "weighted-mean", "Weighted-mean Shapley, calibrated",
        "A quadratic model of the validation loss, fitted to the measured effect of FedAvg's weighted mean update.",
        Axioms.All, "Sums to the measured gain of the weighted mean; without positive curvature to its first-order prediction. " +
        "A zero update is not a null player.", ParticipantsMax: CoalitionTable.PlayersMax);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count;
        if (CoalitionTable.TooLarge(n) is { } problem)
            throw new ArgumentException(problem, nameof(round));
        var game = new WeightedMeanGame(round.Weights);
        Semivalue shapley = Semivalue.Shapley(n);
        double[] square = game.Square(round.Geometry.Gram());
        double[] bent = shapley.Values(CoalitionTable.Of(n, square), 0);
        GradientProducts[] gradients = [round.Geometry.Gradient, .. round.Geometry.GradientReplicates];
        IReadOnlyList<double> drops = round.Measured.WeightedDrop;
        var values = new double[gradients.Length][];
        ParallelEvaluation.Run(gradients.Length, round.Threads, cancellation, c =>
        {
            double[] linear = game.Linear(gradients[c].Products);
            double[] straight = shapley.Values(CoalitionTable.Of(n, linear), 0);
            double excess = linear[^1] - drops[c];
            double halfCurvature = excess > CurvatureMin && square[^1] > 0 ? excess / square[^1] : 0; // 1 / (2 kappa)
            values[c] = [.. straight.Select((value, k) => value - halfCurvature * bent[k])];
        });
        return new MethodResult(Estimate.FromValidation(values[0], values[1..]));
    }
}
