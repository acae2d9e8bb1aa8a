using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// The trimmed mean of the local models (Yin et al. 2018), as Flower: for each weight the values are sorted, int(beta n) are cut at either
/// end, and the rest is averaged, unweighted.
/// </summary>
/// <param name="beta">The share cut at either end, in [0, 0.5).</param>
public sealed class FedTrimmedAvg(double beta) : AggregationRule
{
    /// <inheritdoc/>
    public override string Spec => string.Create(CultureInfo.InvariantCulture, $"fedtrimmedavg:beta={beta}");

    /// <inheritdoc/>
    public override string SmallCoalitions => string.Create(
        CultureInfo.InvariantCulture,
        $"empty: the round's base model; n members: int({beta} n) values are cut at either end of each weight; "
        + $"where that is 0, none is, and it is the unweighted mean of their models");

    /// <inheritdoc/>
    protected override void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next)
    {
        int cut = (int)(beta * coalition.Length);
        SortedColumns.Apply(updates, coalition, model, column => (float)SortedColumns.Mean(column[cut..^cut]));
    }
}
