using System.Collections.Immutable;
using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// Yogi on the server (Reddi et al. 2021), as Flower: m = b1 m + (1-b1) D; v = v - (1-b2) D^2 sign(v - D^2);
/// w' = w + eta m / (sqrt(v) + tau), without bias correction; m and v start at 0.
/// </summary>
public sealed class FedYogi(double learningRate, double beta1, double beta2, double tau) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => string.Create(
        CultureInfo.InvariantCulture, $"fedyogi:learning-rate={learningRate}:beta1={beta1}:beta2={beta2}:tau={tau}");

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model, the moments do not move it; any other coalition: a Yogi step with its weighted mean";

    /// <inheritdoc/>
    public override ImmutableArray<string> StateNames => ["m", "v"];

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        double[] m = state.Vectors[0], v = state.Vectors[1];
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part mean in MeanUpdate(updates, coalition))
        {
            for (int i = mean.Start; i < mean.End; i++)
            {
                double square = mean[i] * mean[i];
                double nextM = beta1 * m[i] + (1 - beta1) * mean[i];
                // v stays at 0 or above: where it falls by (1-b2) D^2, it was above D^2.
                double nextV = v[i] - (1 - beta2) * square * Math.Sign(v[i] - square);
                model[i] = (float)(w[i] + learningRate * nextM / (Math.Sqrt(nextV) + tau));
                if (next is not null)
                    (next[0][i], next[1][i]) = (nextM, nextV);
            }
        }
    }
}
