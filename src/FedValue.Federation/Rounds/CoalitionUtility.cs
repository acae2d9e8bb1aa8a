using System.Buffers;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Valuation.Games;

namespace FedValue.Federation.Rounds;

/// <summary>
/// U(S): the utility of the model that the round's own rule would have made from the updates of S, from the same state. U(empty) is the
/// utility of the round's base model. Pure: nothing outside the call changes. Where the rule is additive over members, the first layer of a
/// coalition's model is not formed (<see cref="CoalitionSums"/>), except for everyone's, which is the model of the round: so values add up to
/// the drop of the loss on the ledger. The bits do not depend on who asks, nor for how many coalitions.
/// </summary>
public sealed class CoalitionUtility : IUtility
{
    readonly ValidationSet _validation;
    readonly UtilityKind _kind;
    readonly AggregationRule _rule;
    readonly AggregationState _state;
    readonly RoundUpdates _updates;
    readonly Lazy<CoalitionSums?> _sums;

    /// <summary>The coalitions of these updates under a rule.</summary>
    /// <param name="validation">The server's rows.</param>
    /// <param name="kind">What a model is measured by.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="state">Its state before the round.</param>
    /// <param name="updates">The round's updates.</param>
    /// <param name="threads">How many threads may prepare what all coalitions share; changes no bit.</param>
    public CoalitionUtility(
        ValidationSet validation, UtilityKind kind, AggregationRule rule, AggregationState state, RoundUpdates updates, int threads = 1)
        : this(validation, kind, rule, state, updates, new UpdateParts(validation, updates, threads))
    {
    }

    internal CoalitionUtility(
        ValidationSet validation, UtilityKind kind, AggregationRule rule, AggregationState state, RoundUpdates updates, UpdateParts parts)
    {
        (_validation, _kind, _rule, _state, _updates) = (validation, kind, rule, state, updates);
        Path = PathOf(rule, validation.Network, validation.Rows.Count, updates.Count);
        _sums = new Lazy<CoalitionSums?>(() => Path == CoalitionPath.FirstLayerSums ? parts.Under(rule, state) : null);
    }

    /// <summary>How coalitions are measured.</summary>
    public CoalitionPath Path { get; }

    /// <summary>How coalitions of a round are measured: nothing but these four decides it.</summary>
    /// <param name="rule">The round's rule.</param>
    /// <param name="network">The model's layers.</param>
    /// <param name="validationRows">How many rows the server validates on.</param>
    /// <param name="updates">How many updates the round has.</param>
    public static CoalitionPath PathOf(AggregationRule rule, Network network, int validationRows, int updates) =>
        rule.IsAdditive && CoalitionSums.Fits(network, validationRows, updates) ? CoalitionPath.FirstLayerSums : CoalitionPath.RebuiltModels;

    /// <inheritdoc/>
    public int Players => _updates.Count;

    /// <inheritdoc/>
    public int Columns => Utilities.Columns;

    /// <inheritdoc/>
    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        int[] members = coalition.Members();
        bool isModelOfTheRound = members.Length == 0 || members.Length == Players;
        ValidationScore score = !isModelOfTheRound && _sums.Value is { } sums ? sums.Score(members) : Rebuilt(members);
        Utilities.Of(_kind, _validation, score).CopyTo(utilities);
    }

    /// <inheritdoc/>
    public void EvaluateAll(double[] utilities, int threads, CancellationToken cancellation)
    {
        if (_sums.Value is { } sums)
            CoalitionTableRows.Fill(this, sums, _kind, _validation, utilities, threads, cancellation);
        else
            IUtility.EvaluateEach(this, utilities, threads, cancellation);
    }

    /// <summary>The scores of the model itself.</summary>
    ValidationScore Rebuilt(int[] members)
    {
        float[] model = ArrayPool<float>.Shared.Rent(_updates.Rows.Length);
        _rule.CoalitionModel(_state, _updates, members, model.AsSpan(0, _updates.Rows.Length));
        ValidationScore score = _validation.Score(model);
        ArrayPool<float>.Shared.Return(model);
        return score;
    }
}
