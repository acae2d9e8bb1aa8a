using System.Collections.Immutable;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Aggregation;

/// <summary>What an aggregation rule remembers between rounds; immutable, so that evaluating a coalition cannot touch it.</summary>
/// <param name="Steps">How many rounds this rule has aggregated.</param>
/// <param name="Vectors">Its vectors of d doubles, in the order of the rule's names.</param>
public sealed record AggregationState(int Steps, ImmutableArray<double[]> Vectors)
{
    const int StepsMax = 1 << 30; // FedAdam's exponent is a little more than the steps
    const string Trained = "member", Counterfactual = "counterfactual";

    /// <summary>
    /// The states of a whole pool as a blob: per member I64 <c>memberN.steps</c> and F64 <c>memberN.NAME</c> [d]; then, where there is one,
    /// those of the counterfactual pool, <c>counterfactualN</c>.
    /// </summary>
    public static IBlobContent ToBlob(
        AggregationPool pool, IReadOnlyList<AggregationState> states,
        AggregationPool? counterfactual = null, IReadOnlyList<AggregationState>? counterfactualStates = null) => new SafetensorsContent(
        [
            .. Tensors(Trained, pool, states),
            .. counterfactual is null ? [] : Tensors(Counterfactual, counterfactual, counterfactualStates!),
        ]);

    static List<TensorSource> Tensors(string group, AggregationPool pool, IReadOnlyList<AggregationState> states)
    {
        var tensors = new List<TensorSource>();
        for (int member = 0; member < states.Count; member++)
        {
            tensors.Add(TensorSource.Of(Tensor.OfInt64s($"{group}{member}.steps", [], [states[member].Steps])));
            for (int i = 0; i < states[member].Vectors.Length; i++)
                tensors.Add(TensorSource.OfDoubles($"{group}{member}.{pool.Members[member].StateNames[i]}", states[member].Vectors[i]));
        }
        return tensors;
    }

    /// <summary>Reads the states of the training pool back and, where there is one, those of the counterfactual pool, otherwise none.</summary>
    /// <param name="blob">The blob, at its beginning; it stays open.</param>
    /// <param name="pool">The training pool.</param>
    /// <param name="counterfactual">The counterfactual pool; null: there is none.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The states, and the digest of the blob that was read.</returns>
    /// <exception cref="FormatException">The tensors are not those of the pools' states.</exception>
    public static async Task<StoredStates> FromBlobAsync(
        Stream blob, AggregationPool pool, AggregationPool? counterfactual = null, CancellationToken cancellation = default)
    {
        SafetensorsReading reading = await SafetensorsReading.BeginAsync(blob, cancellation);
        var tensors = new TensorArrays(reading.Header);
        ImmutableArray<(long[] Steps, ImmutableArray<double[]> Vectors)> trained = Expect(tensors, Trained, pool);
        ImmutableArray<(long[] Steps, ImmutableArray<double[]> Vectors)> others =
            counterfactual is null ? [] : Expect(tensors, Counterfactual, counterfactual);
        Digest digest = await reading.ReadAsync(tensors.Take, cancellation);
        return new StoredStates(States(trained), States(others), digest);
    }

    /// <summary>What the blob must hold of a pool's members; the numbers come when it is read.</summary>
    static ImmutableArray<(long[] Steps, ImmutableArray<double[]> Vectors)> Expect(TensorArrays tensors, string group, AggregationPool pool) =>
    [
        .. pool.Members.Select((rule, member) => (
            tensors.Int64s($"{group}{member}.steps", dimensions: 0) ?? throw Missing("I64", $"{group}{member}.steps", dimensions: 0),
            rule.StateNames.Select(name => tensors.Doubles($"{group}{member}.{name}", dimensions: 1)
                ?? throw Missing("F64", $"{group}{member}.{name}", dimensions: 1)).ToImmutableArray())),
    ];

    static FormatException Missing(string type, string name, int dimensions) =>
        new($"A state blob of this pool holds {type} '{name}' of {dimensions} dimensions; this one does not.");

    static ImmutableArray<AggregationState> States(ImmutableArray<(long[] Steps, ImmutableArray<double[]> Vectors)> read) =>
        [.. read.Select(member => new AggregationState(Count(member.Steps[0]), member.Vectors))];

    static int Count(long steps) => steps is >= 0 and <= StepsMax
        ? (int)steps
        : throw new FormatException($"A state blob counts 0 or more steps, but {steps} came.");
}

/// <summary>The states of a blob.</summary>
/// <param name="States">One per member of the training pool.</param>
/// <param name="Counterfactuals">One per member of the counterfactual pool.</param>
/// <param name="Digest">The digest of the blob.</param>
public sealed record StoredStates(
    ImmutableArray<AggregationState> States, ImmutableArray<AggregationState> Counterfactuals, Digest Digest);
