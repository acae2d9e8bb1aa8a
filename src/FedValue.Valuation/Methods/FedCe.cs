using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// FedCE's weights, mode "plus": novelty_k = max(0, 1 - mean over rounds of cos(x_k, c - p_k x_k)) with c = sum_j p_j x_j, and the error of
/// the model without k, both at least 1e-6 and scaled to sum 1, added and scaled to sum 1. The error is the validation loss, measured by the
/// server; in the original participants report it themselves. Remembers the sum of the cosines and their number.
/// </summary>
sealed class FedCe : IRoundMethod
{
    const double PartMin = 1e-6;

    public MethodInfo Info { get; } = new(
        "fedce", "FedCE, server-measured",
        "No game: half how little the update resembles the others', half how bad the model is without it; shares of a round.",
        Axioms.Symmetry, "Novelty counts as contribution: an outlier scores high. The similarity is a mean over rounds. " +
        "Intervals hold the error of the measured part only: similarity uses no validation data.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        IReadOnlyList<double[]?> memory = round.MemoryOf(Info.Name);
        double[] cosines = WithOthers(round);
        double[][] next = [.. cosines.Select((cosine, k) => memory[k] is { } past ? [past[0] + cosine, past[1] + 1] : new[] { cosine, 1 })];
        double[] novelty = Shares([.. next.Select(row => 1 - row[0] / row[1])]);
        double[][] columns =
        [
            .. Enumerable.Range(0, round.Utility.Columns).Select(c =>
            {
                double[] error = Shares([.. round.Measured.LossesWithout.Select(losses => losses[c])]);
                return Shares([.. novelty.Select((part, k) => part + error[k])]);
            }),
        ];
        return new MethodResult(Estimate.FromValidation(columns[0], columns[1..]), Memory: next);
    }

    /// <summary>The cosine between each update and the weighted sum of the others; 0 where one of them is zero.</summary>
    static double[] WithOthers(RoundEvidence round)
    {
        RoundGeometry geometry = round.Geometry;
        double[] withSum = geometry.WithCombination([.. round.Weights]);
        double sumSquare = Sums.Compensated([.. withSum.Select((product, k) => round.Weights[k] * product)]);
        var cosines = new double[round.Count];
        for (int k = 0; k < cosines.Length && cosines.Length > 1; k++)
        {
            double weight = round.Weights[k], square = geometry.SquaredNorms[k];
            double others = Math.Sqrt(Math.Max(0, sumSquare - 2 * weight * withSum[k] + weight * weight * square));
            if (geometry.Norm(k) > RoundGeometry.NormMin && others > RoundGeometry.NormMin)
                cosines[k] = Math.Clamp((withSum[k] - weight * square) / (geometry.Norm(k) * others), -1, 1);
        }
        return cosines;
    }

    static double[] Shares(double[] parts)
    {
        double[] raised = [.. parts.Select(part => Math.Max(PartMin, part))];
        double sum = Sums.Compensated(raised);
        return [.. raised.Select(part => part / sum)];
    }
}
