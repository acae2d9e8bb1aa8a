using System.Collections.Immutable;
using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>FedAvg with server momentum (Hsu, Qi, Brown 2019), as Flower: g = -D; m = momentum m + g; w' = w - rate m.</summary>
public sealed class FedAvgM(double serverLearningRate, double momentum) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => string.Create(
        CultureInfo.InvariantCulture, $"fedavgm:server-learning-rate={serverLearningRate}:momentum={momentum}");

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model, momentum does not move it; any other coalition: a momentum step with its weighted mean";

    /// <inheritdoc/>
    public override ImmutableArray<string> StateNames => ["momentum"];

    /// <inheritdoc/>
    public override bool IsAdditive => true;

    /// <inheritdoc/>
    public override AdditiveStep Additive(AggregationState state, RoundUpdates updates)
    {
        float[] origin = updates.Rows.Base.ToArray();
        for (int i = 0; i < origin.Length; i++)
            origin[i] = (float)(origin[i] - serverLearningRate * (momentum * state.Vectors[0][i]));
        return AdditiveStep.WeightedMean(updates, origin, serverLearningRate);
    }

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        double[] before = state.Vectors[0];
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part mean in MeanUpdate(updates, coalition))
        {
            for (int i = mean.Start; i < mean.End; i++)
            {
                double m = momentum * before[i] - mean[i];
                model[i] = (float)(w[i] - serverLearningRate * m);
                if (next is not null)
                    next[0][i] = m;
            }
        }
    }
}
