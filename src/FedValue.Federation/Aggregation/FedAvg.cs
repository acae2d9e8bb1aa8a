namespace FedValue.Federation.Aggregation;

/// <summary>The mean of the local models, weighted by examples (McMahan et al. 2017): w' = w + D, D = sum p_i x_i.</summary>
public sealed class FedAvg : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => "fedavg";

    /// <inheritdoc/>
    public override string SmallCoalitions => "empty: the round's base model; any other coalition: the weighted mean of its models";

    /// <inheritdoc/>
    public override bool IsAdditive => true;

    /// <inheritdoc/>
    public override AdditiveStep Additive(AggregationState state, RoundUpdates updates) =>
        AdditiveStep.WeightedMean(updates, updates.Rows.Base.ToArray(), scale: 1);

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next) =>
        WeightedMean(updates, coalition, model);
}
