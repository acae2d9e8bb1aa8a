using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// Hardness Shapley (arXiv 2406.11730): with losses l, L their sum and H = 1 + 1/2 + ... + 1/n,
/// phi_j = (H - 1/n) / (n - 1) l_j - (H - 1) / (n (n - 1)) L. For n = 1 it is l.
/// </summary>
sealed class HardnessShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "hardness", "Hardness Shapley", "The mean validation loss of the members' own models; 0 for the empty coalition.",
        Axioms.All, "High means noisy or hard, not good: it finds whom to look at, so do not pay by it or rank by it.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        double[][] columns =
        [
            .. Enumerable.Range(0, round.Utility.Columns).Select(c => Values([.. round.Measured.OwnLosses.Select(losses => losses[c])])),
        ];
        return new MethodResult(Estimate.FromValidation(columns[0], columns[1..]));
    }

    static double[] Values(double[] losses)
    {
        int n = losses.Length;
        if (n < 2)
            return losses;
        double harmonic = 0;
        for (int s = n; s >= 1; s--)
            harmonic += 1.0 / s;
        double own = (harmonic - 1.0 / n) / (n - 1), all = (harmonic - 1) / ((double)n * (n - 1)) * Sums.Compensated(losses);
        return [.. losses.Select(loss => own * loss - all)];
    }
}
