using System.Collections.Immutable;
using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// Adagrad on the server (Reddi et al. 2021), as Flower with beta1 = 0: v = v + D^2; w' = w + eta D / (sqrt(v) + tau); v starts at 0.
/// </summary>
public sealed class FedAdagrad(double learningRate, double tau) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => string.Create(CultureInfo.InvariantCulture, $"fedadagrad:learning-rate={learningRate}:tau={tau}");

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model; any other coalition: an Adagrad step with its weighted mean";

    /// <inheritdoc/>
    public override ImmutableArray<string> StateNames => ["v"];

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        double[] v = state.Vectors[0];
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part mean in MeanUpdate(updates, coalition))
        {
            for (int i = mean.Start; i < mean.End; i++)
            {
                double nextV = v[i] + mean[i] * mean[i];
                model[i] = (float)(w[i] + learningRate * mean[i] / (Math.Sqrt(nextV) + tau));
                if (next is not null)
                    next[0][i] = nextV;
            }
        }
    }
}
