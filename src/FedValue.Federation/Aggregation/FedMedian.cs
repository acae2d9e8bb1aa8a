using System.Buffers;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// The median of the local models, weight by weight and unweighted (Yin et al. 2018); of an even number the mean of the middle two.
/// </summary>
public sealed class FedMedian : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => "fedmedian";

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        "empty: the round's base model; one member: its model; two members: the unweighted mean of their models";

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        int count = coalition.Length;
        float[] column = ArrayPool<float>.Shared.Rent(count);
        for (int i = 0; i < model.Length; i++)
        {
            for (int k = 0; k < count; k++)
                column[k] = updates.Rows.Model(coalition[k])[i];
            Array.Sort(column, 0, count);
            model[i] = count % 2 == 1
                ? column[count / 2]
                : (float)(((double)column[count / 2 - 1] + column[count / 2]) / 2);
        }
        ArrayPool<float>.Shared.Return(column);
    }
}
