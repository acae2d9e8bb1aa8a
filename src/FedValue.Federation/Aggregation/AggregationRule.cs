using System.Collections.Immutable;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// Makes the next model from a round's updates: a pure function (state, updates, coalition) -> (state', model). The same function evaluates
/// a coalition of the updates, from the same snapshot of the state, and then the next state is not even computed.
/// </summary>
public abstract class AggregationRule
{
    /// <summary>Name and every setting in one canonical spelling.</summary>
    public abstract string Spec { get; }

    /// <summary>What it does with an empty or small coalition, in words; part of the ledger.</summary>
    public abstract string SmallCoalitions { get; }

    /// <summary>The fewest updates of a round with which it withstands the malicious ones it is set for; 0: it is set for none.</summary>
    public virtual int UpdatesToWithstand => 0;

    /// <summary>Names of the vectors it keeps between rounds.</summary>
    public virtual ImmutableArray<string> StateNames => [];

    /// <summary>Whether it reads the validation loss of the round's base model.</summary>
    public virtual bool NeedsValidation => false;

    /// <summary>The state before the first round: zeros.</summary>
    public AggregationState Start(int weights) => new(0, [.. StateNames.Select(_ => new double[weights])]);

    /// <summary>Aggregates all updates: the next model (d weights) and the next state. No update at all changes neither.</summary>
    public (float[] Model, AggregationState Next) Aggregate(AggregationState state, RoundUpdates updates)
    {
        var model = new float[updates.Rows.Length];
        if (updates.Count == 0)
        {
            updates.Rows.Base.CopyTo(model);
            return (model, state);
        }
        double[][] next = [.. StateNames.Select(_ => new double[updates.Rows.Length])];
        Step(state, updates, updates.Everyone, model, next);
        return (model, new AggregationState(state.Steps + 1, [.. next]));
    }

    /// <summary>The model a coalition would have made from the same state; the empty coalition leaves the base model.</summary>
    /// <param name="state">The state before the round.</param>
    /// <param name="updates">The round's updates.</param>
    /// <param name="coalition">Indices into the updates, ascending.</param>
    /// <param name="model">Receives d weights.</param>
    public void CoalitionModel(AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model)
    {
        if (coalition.IsEmpty)
            updates.Rows.Base.CopyTo(model);
        else
            Step(state, updates, coalition, model, next: null);
    }

    /// <summary>Whether its coalition models are sums over members, so that <see cref="Additive"/> has an answer.</summary>
    public virtual bool IsAdditive => false;

    /// <summary>The step as one formula that is additive over members: what <see cref="CoalitionModel"/> gives, but for rounding.</summary>
    /// <exception cref="NotSupportedException">The rule is not additive.</exception>
    public virtual AdditiveStep Additive(AggregationState state, RoundUpdates updates) =>
        throw new NotSupportedException($"Coalition models of '{Spec}' are no sums over members.");

    /// <summary>One step from a state: writes the model, and the next vectors where they are wanted. At least one member.</summary>
    protected abstract void Step(
        AggregationState state, RoundUpdates updates, ReadOnlySpan<int> coalition, Span<float> model, double[][]? next);

    /// <summary>w + D: the mean of some local models, weighted by examples.</summary>
    private protected static void WeightedMean(RoundUpdates updates, ReadOnlySpan<int> members, Span<float> model)
    {
        ReadOnlySpan<float> w = updates.Rows.Base;
        foreach (CombinationParts.Part mean in MeanUpdate(updates, members))
        {
            for (int i = mean.Start; i < mean.End; i++)
                model[i] = (float)(w[i] + mean[i]);
        }
    }

    /// <summary>The pseudo-update D = sum p_i x_i of a coalition (d), part by part.</summary>
    private protected static CombinationParts MeanUpdate(RoundUpdates updates, ReadOnlySpan<int> coalition) =>
        new(updates, coalition, updates.Weights(coalition));
}
