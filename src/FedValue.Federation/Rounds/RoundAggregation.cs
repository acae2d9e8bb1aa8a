using System.Collections.Immutable;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>What a federation's rounds have led to: the current model and the state of every aggregation rule of the pool.</summary>
/// <param name="Model">d weights, in an array or in a file until this is disposed of.</param>
/// <param name="States">One per member of the pool.</param>
public sealed record TrainingState(ReadOnlyMemory<float> Model, ImmutableArray<AggregationState> States) : IDisposable
{
    /// <summary>
    /// One per member of the counterfactual pool, as if it had aggregated every round so far, each from the model that training really had.
    /// </summary>
    public ImmutableArray<AggregationState> Counterfactuals { get; init; } = [];

    /// <summary>The model's buffers, in the manifest's order.</summary>
    public ImmutableArray<Tensor> Buffers { get; init; } = [];

    /// <summary>What the model lies in, where that has to be given back.</summary>
    public IDisposable? Held { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Held?.Dispose();

    /// <summary>Before the first round.</summary>
    public static TrainingState Start(FederationSetup setup) => Start(setup, setup.Model.Weights) with { Buffers = setup.Model.Buffers };

    /// <summary>Before the first round, at a model without buffers.</summary>
    public static TrainingState Start(FederationSetup setup, ReadOnlyMemory<float> model) => new(model, setup.Pool.Start(setup.WeightCount))
    {
        Counterfactuals = setup.Counterfactual?.Start(setup.WeightCount) ?? [],
    };

    /// <summary>All states as a blob.</summary>
    public IBlobContent StatesBlob(FederationSetup setup) => AggregationState.ToBlob(setup.Pool, States, setup.Counterfactual, Counterfactuals);
}

/// <summary>A round's aggregation, done: the event to append, the blobs it names and the state that follows.</summary>
/// <param name="Event">For the ledger.</param>
/// <param name="Blobs">What the event names.</param>
/// <param name="Next">The training state after the round.</param>
public sealed record AggregatedRound(RoundAggregated Event, IReadOnlyList<IBlobContent> Blobs, TrainingState Next);

/// <summary>The pure function from a closed round to its aggregate. The aggregator runs it; so does an auditor.</summary>
public static class RoundAggregation
{
    /// <summary>Aggregates with the member of the pool that the round opened with; stops where the updates' cancellation says so.</summary>
    /// <exception cref="ModelNotFiniteException">The next model is not finite.</exception>
    public static AggregatedRound Run(FederationSetup setup, TrainingState state, int round, int member, RoundUpdates updates)
    {
        AggregationRule rule = setup.Pool.Members[member];
        (float[] model, AggregationState next) = rule.Aggregate(state.States[member], updates);
        if (ModelFile.FindNotFinite(setup.Manifest, model) is { } at)
            throw new ModelNotFiniteException(round, rule.Spec, at.Tensor, at.Value);

        ImmutableArray<Tensor> buffers = updates.Count > 0 ? updates.Buffers : state.Buffers;
        updates.Cancellation.ThrowIfCancellationRequested();
        ModelFile.Round(setup.Manifest, model); // training goes on from what is written
        IBlobContent modelBlob = ModelFile.Content(setup.Manifest, model, buffers);
        var after = new TrainingState(model, state.States.SetItem(member, next))
        {
            Counterfactuals = setup.Counterfactual is not { } pool ? []
                : [.. pool.Members.Zip(state.Counterfactuals, (other, before) => other.Aggregate(before, updates).Next)],
            Buffers = buffers,
        };
        updates.Cancellation.ThrowIfCancellationRequested();
        IBlobContent stateBlob = after.StatesBlob(setup);
        (DoubleBits? loss, DoubleBits? accuracy) = Measure(setup.Validation, model);
        var aggregated = new RoundAggregated(round, updates.Count, modelBlob.Digest(), stateBlob.Digest(), loss, accuracy);
        return new AggregatedRound(aggregated, [modelBlob, stateBlob], after);
    }

    static (DoubleBits? Loss, DoubleBits? Accuracy) Measure(ValidationSet? validation, float[] model)
    {
        if (validation is null)
            return (null, null);
        ValidationScore score = validation.Score(model);
        return (Utilities.Losses(validation, score)[0], Utilities.Accuracies(validation, score)[0]);
    }
}

/// <summary>Aggregation gave a weight that is NaN, infinite or too large for its type, although every update was finite.</summary>
public sealed class ModelNotFiniteException(int round, string aggregator, TensorSpec tensor, float value) : Exception(
    $"Round {round}: aggregator '{aggregator}' made a model whose tensor '{tensor.Name}' holds {value}"
    + (float.IsFinite(value) ? $", which {tensor.Type} cannot" : "") + "; training has diverged: lower the learning rates.");
