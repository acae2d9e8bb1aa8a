using System.Buffers;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Valuation.Games;

namespace FedValue.Federation.Rounds;

/// <summary>
/// U(S): the utility of the model that the round's own rule would have made from the updates of S, from the same state. U(empty) is the
/// utility of the round's base model. Pure: nothing outside the call changes.
/// </summary>
public sealed class CoalitionUtility(
    ValidationSet validation, UtilityKind kind, AggregationRule rule, AggregationState state, RoundUpdates updates) : IUtility
{
    /// <inheritdoc/>
    public int Players => updates.Count;

    /// <inheritdoc/>
    public int Columns => Utilities.Columns;

    /// <inheritdoc/>
    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        float[] model = ArrayPool<float>.Shared.Rent(updates.Rows.Length);
        rule.CoalitionModel(state, updates, coalition.Members(), model.AsSpan(0, updates.Rows.Length));
        Utilities.Of(kind, validation, validation.Score(model)).CopyTo(utilities);
        ArrayPool<float>.Shared.Return(model);
    }
}
