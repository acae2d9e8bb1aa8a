using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>DIG-FL (qmkakaxi/DIG_FL): phi_k = max(0, &lt;g, x_k&gt;), divided by the round's sum plus 1e-5.</summary>
sealed class DigFl : IRoundMethod
{
    const double SumMin = 1e-5;

    public MethodInfo Info { get; } = new(
        "dig-fl", "DIG-FL", "No game: the share of the first-order fall of the validation loss, nothing for who raises it.",
        Axioms.Symmetry, "Shares of a round, 0 to 1, so rounds of no progress count as much as others. Who never lowers the loss has an " +
        "interval of zero width at 0.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        static double[] Shares(GradientProducts gradient)
        {
            double[] falls = [.. gradient.Products.Select(product => Math.Max(0, product))];
            double sum = Sums.Compensated(falls) + SumMin;
            return [.. falls.Select(fall => fall / sum)];
        }
        return new MethodResult(Estimate.FromValidation(
            Shares(round.Geometry.Gradient), [.. round.Geometry.GradientReplicates.Select(Shares)]));
    }
}

/// <summary>
/// CGSV (Xu et al., NeurIPS 2021): the cosine between a participant's update and the sum of all unit updates, weighted by what the rounds
/// before thought of them: psi_k = cos(u_k, sum_j r_j u_j), then r_k = momentum r_k + (1 - momentum) psi_k, at least 1e-3, summing to 1.
/// Remembers r; a newcomer enters with 1/n.
/// </summary>
sealed class Cgsv(string name, double momentum) : IRoundMethod
{
    const double ReputationMin = 1e-3;

    public MethodInfo Info { get; } = new(
        name, "Cosine gradient Shapley (CGSV)", "No game: the cosine between the update and the sum of all, weighted by reputation, -1 to 1.",
        Axioms.Symmetry, "Agreement, not quality: the majority decides. Depends on the rounds before through a running reputation.",
        Needs: MethodNeeds.Updates);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count;
        IReadOnlyList<double[]?> memory = round.MemoryOf(Info.Name);
        double[] reputations = Normalized([.. memory.Select(row => row?[0] ?? 1.0 / n)]);
        double[] unit = round.Geometry.UnitCoefficients();
        double[] products = round.Geometry.WithCombination([.. reputations.Select((r, k) => r * unit[k])]);
        double[] withSum = [.. products.Select((product, k) => unit[k] * product)];
        double norm = Math.Sqrt(Math.Max(0, Sums.Compensated([.. withSum.Select((product, k) => reputations[k] * product)])));
        double[] cosines = [.. withSum.Select(product => norm > RoundGeometry.NormMin ? Math.Clamp(product / norm, -1, 1) : 0)];
        double[] next = Normalized(
            [.. cosines.Select((cosine, k) => Math.Max(ReputationMin, momentum * reputations[k] + (1 - momentum) * cosine))]);
        return new MethodResult(Estimate.WithoutInterval(cosines), Memory: [.. next.Select(r => new[] { r })]);
    }

    static double[] Normalized(double[] reputations)
    {
        double sum = Sums.Compensated(reputations);
        return [.. reputations.Select(r => r / sum)];
    }
}

/// <summary>
/// ShapFed's class-specific score (arXiv 2406.00569): the cosine between the updates of a participant and of FedAvg, for each class's logit
/// in the last layer, averaged over classes; then a running average over rounds, which is the value. Remembers it.
/// </summary>
sealed class ShapFed(string name, double momentum) : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        name, "Class-wise cosine (ShapFed)",
        "No game: the mean over classes of the cosine between the last-layer updates of the participant and of FedAvg, -1 to 1.",
        Axioms.Symmetry, "Agreement, not quality. A running average over rounds: a value holds the rounds before, too.",
        Needs: MethodNeeds.NativeModel);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        IReadOnlyList<double[]?> memory = round.MemoryOf(Info.Name);
        IReadOnlyList<ClassProducts> classes = round.Measured.LastLayer;
        var scores = new double[round.Count];
        foreach (ClassProducts ofClass in classes)
        {
            double mean = Math.Sqrt(Math.Max(0, Sums.Compensated([.. ofClass.WithMean.Select((product, k) => round.Weights[k] * product)])));
            for (int k = 0; k < scores.Length; k++)
            {
                double norm = Math.Sqrt(ofClass.Squares[k]);
                if (norm > RoundGeometry.NormMin && mean > RoundGeometry.NormMin)
                    scores[k] += Math.Clamp(ofClass.WithMean[k] / (norm * mean), -1, 1) / classes.Count;
            }
        }
        double[] running = [.. scores.Select((score, k) => memory[k] is { } before ? momentum * before[0] + (1 - momentum) * score : score)];
        return new MethodResult(Estimate.WithoutInterval(running), Memory: [.. running.Select(average => new[] { average })]);
    }
}
