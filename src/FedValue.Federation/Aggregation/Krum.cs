namespace FedValue.Federation.Aggregation;

/// <summary>The one local model with the lowest Krum score (Blanchard et al. 2017; the score: <see cref="KrumSelection"/>), as Flower.</summary>
/// <param name="byzantine">f, how many participants are assumed to be malicious.</param>
public sealed class Krum(int byzantine) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => $"krum:byzantine={byzantine}";

    /// <inheritdoc/>
    public override int UpdatesToWithstand => byzantine == 0 ? 0 : 2 * byzantine + 3;

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        $"empty: the round's base model; one member: its model; n members: scores over the max(1, n-{byzantine}-2) nearest others; "
        + "of equal scores the first in the order of participants wins, so of two members the first's model";

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next) =>
        updates.Rows.Model(KrumSelection.Best(updates, coalition, byzantine, keep: 1)[0]).CopyTo(model);
}
