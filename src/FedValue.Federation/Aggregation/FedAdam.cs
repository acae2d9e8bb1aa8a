using System.Collections.Immutable;
using System.Globalization;
using FedValue.Kernels;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// Adam on the server (Reddi et al. 2021), as current Flower: m = b1 m + (1-b1) D; v = b2 v + (1-b2) D^2;
/// w' = w + eta_t m / (sqrt(v) + tau) with eta_t = eta sqrt(1 - b2^(t+1)) / (1 - b1^(t+1)) at this rule's t-th step, t = 1, 2, ...;
/// v starts at 0. Without bias correction, as Flower 1.6, eta_t = eta.
/// </summary>
public sealed class FedAdam(double learningRate, double beta1, double beta2, double tau, bool biasCorrection = true) : AggregationRule
{
    // The switch is spelled only where it is off: ledgers from before it existed keep their spelling and stay auditable.
    const string Uncorrected = ":bias-correction=0";

    /// <inheritdoc/>
    public override string Spec => string.Create(
        CultureInfo.InvariantCulture,
        $"fedadam:learning-rate={learningRate}:beta1={beta1}:beta2={beta2}:tau={tau}{(biasCorrection ? "" : Uncorrected)}");

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model, the moments do not move it; any other coalition: an Adam step with its weighted mean";

    /// <inheritdoc/>
    public override ImmutableArray<string> StateNames => ["m", "v"];

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        int exponent = state.Steps + 2; // t + 1, where this is step t = Steps + 1
        double rate = biasCorrection
            ? learningRate * Math.Sqrt(1 - Elementary.Power(beta2, exponent)) / (1 - Elementary.Power(beta1, exponent))
            : learningRate;
        double[] m = state.Vectors[0], v = state.Vectors[1];
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part mean in MeanUpdate(updates, coalition))
        {
            for (int i = mean.Start; i < mean.End; i++)
            {
                double nextM = beta1 * m[i] + (1 - beta1) * mean[i];
                double nextV = beta2 * v[i] + (1 - beta2) * (mean[i] * mean[i]);
                model[i] = (float)(w[i] + rate * nextM / (Math.Sqrt(nextV) + tau));
                if (next is not null)
                    (next[0][i], next[1][i]) = (nextM, nextV);
            }
        }
    }
}
