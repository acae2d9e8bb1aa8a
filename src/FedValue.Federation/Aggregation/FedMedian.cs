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
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next) =>
        SortedColumns.Apply(updates, coalition, model, column => (float)SortedColumns.Median(column));
}
