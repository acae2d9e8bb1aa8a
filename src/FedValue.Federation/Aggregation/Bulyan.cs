namespace FedValue.Federation.Aggregation;

/// <summary>
/// Bulyan (El Mhamdi et al. 2018), as current Flower: theta = n - 2f members are picked by their Krum scores, all at once (the paper picks
/// one at a time); for each weight the mean, unweighted, of the theta - 2f of their values nearest to their median. It needs n >= 4f + 3;
/// below that the median of all members stands in, which with f = 0 is what Bulyan itself would give.
/// </summary>
/// <param name="byzantine">f, how many participants are assumed to be malicious.</param>
public sealed class Bulyan(int byzantine) : AggregationRule
{
    int Fewest => 4 * byzantine + 3;

    /// <inheritdoc/>
    public override string Spec => $"bulyan:byzantine={byzantine}";

    /// <inheritdoc/>
    public override int UpdatesToWithstand => byzantine == 0 ? 0 : Fewest;

    /// <inheritdoc/>
    public override string SmallCoalitions =>
        $"empty: the round's base model; fewer than {Fewest} members: the median of their models as by fedmedian; {Fewest} or more: Bulyan, "
        + "where of equal scores the first in the order of participants wins, and of values as far from the median the smaller";

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        if (coalition.Length < Fewest)
        {
            SortedColumns.Apply(updates, coalition, model, column => (float)SortedColumns.Median(column));
            return;
        }
        int[] picked = KrumSelection.Best(updates, coalition, byzantine, keep: coalition.Length - 2 * byzantine);
        int nearest = picked.Length - 2 * byzantine;
        SortedColumns.Apply(updates, picked, model, column =>
            (float)SortedColumns.MeanOfClosest(column, SortedColumns.Median(column), nearest));
    }
}
