namespace FedValue.Federation.Aggregation;

/// <summary>
/// The mean, weighted by examples, of the m local models with the lowest Krum scores (Blanchard et al. 2017; the score:
/// <see cref="KrumSelection"/>), as Flower; with m = 1 it is Krum.
/// </summary>
/// <param name="byzantine">f, how many participants are assumed to be malicious.</param>
/// <param name="keep">m, 1 or more.</param>
public sealed class MultiKrum(int byzantine, int keep) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => $"multikrum:byzantine={byzantine}:keep={keep}";

    /// <inheritdoc/>
    public override int UpdatesToWithstand => byzantine == 0 ? 0 : 2 * byzantine + 3;

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        $"empty: the round's base model; up to {keep} members: the weighted mean of their models; n members: scores over the "
        + $"max(1, n-{byzantine}-2) nearest others; of equal scores the first in the order of participants wins";

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next) =>
        WeightedMean(updates, KrumSelection.Best(updates, coalition, byzantine, keep), model);
}
