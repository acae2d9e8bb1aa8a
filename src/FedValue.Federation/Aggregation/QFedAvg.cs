using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// q-FedAvg (Li et al. 2020): L = 1/rate; g_k = -L x_k; w' = w - sum F_k^q g_k / sum (q F_k^(q-1) ||g_k||^2 + L F_k^q), unweighted.
/// F_k is here, as in Flower 1.6, the server's loss of the round's base model and so the same F for everybody (plus 1e-10):
/// the powers cancel, and w' = w + sum x_k / sum (1 + q L ||x_k||^2 / F). A loss that participants report, as current Flower takes it,
/// would let them set their own weight.
/// </summary>
/// <param name="q">How much it is cautious of large updates while the loss is small; 0 is the unweighted mean.</param>
/// <param name="learningRate">The participants' learning rate, whose inverse estimates the Lipschitz constant L.</param>
public sealed class QFedAvg(double q, double learningRate) : AggregationRule
{
    const double Guard = 1e-10; // Flower's: a loss of 0 does not divide by 0

    /// <inheritdoc/>
    public override string Spec => string.Create(CultureInfo.InvariantCulture, $"qfedavg:q={q}:learning-rate={learningRate}");

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model; any other coalition: a q-FedAvg step with the sum of its updates, where the loss is that of the "
        + "round's base model on the validation rows, whoever belongs to the coalition";

    /// <inheritdoc/>
    public override bool NeedsValidation => true;

    /// <inheritdoc/>
    public override bool IsAdditive => true;

    /// <inheritdoc/>
    public override AdditiveStep Additive(AggregationState state, RoundUpdates updates)
    {
        double caution = Caution(updates);
        return new AdditiveStep(
            updates.Rows.Base.ToArray(), Array.ConvertAll(updates.Everyone, _ => 1.0),
            Array.ConvertAll(updates.Everyone, member => 1 + caution * updates.SquaredNorm(member)), Scale: 1);
    }

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        double caution = Caution(updates);
        double divisor = 0;
        foreach (int member in coalition)
            divisor += 1 + caution * updates.SquaredNorm(member);

        var ones = new double[coalition.Length];
        Array.Fill(ones, 1);
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part sum in new CombinationParts(updates, coalition, ones))
        {
            for (int i = sum.Start; i < sum.End; i++)
                model[i] = (float)(w[i] + sum[i] / divisor);
        }
    }

    /// <summary>q L / F.</summary>
    double Caution(RoundUpdates updates) => q / (learningRate * (updates.BaseLoss + Guard));
}
