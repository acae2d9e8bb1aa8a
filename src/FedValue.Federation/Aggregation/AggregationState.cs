using System.Collections.Immutable;
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
    public static byte[] ToBlob(
        AggregationPool pool, IReadOnlyList<AggregationState> states,
        AggregationPool? counterfactual = null, IReadOnlyList<AggregationState>? counterfactualStates = null) => SafetensorsWriter.Write(
        [
            .. Tensors(Trained, pool, states),
            .. counterfactual is null ? [] : Tensors(Counterfactual, counterfactual, counterfactualStates!),
        ]);

    static List<Tensor> Tensors(string group, AggregationPool pool, IReadOnlyList<AggregationState> states)
    {
        var tensors = new List<Tensor>();
        for (int member = 0; member < states.Count; member++)
        {
            tensors.Add(Tensor.OfInt64s($"{group}{member}.steps", [], [states[member].Steps]));
            for (int i = 0; i < states[member].Vectors.Length; i++)
            {
                double[] vector = states[member].Vectors[i];
                tensors.Add(Tensor.OfDoubles($"{group}{member}.{pool.Members[member].StateNames[i]}", [vector.Length], vector));
            }
        }
        return tensors;
    }

    /// <summary>Reads the states of the training pool back.</summary>
    /// <exception cref="FormatException">The tensors are not those of the pool's states.</exception>
    public static ImmutableArray<AggregationState> FromBlob(AggregationPool pool, byte[] blob) => Read(Trained, pool, blob);

    /// <summary>Reads the states of the counterfactual pool back; none where there is no such pool.</summary>
    /// <exception cref="FormatException">The tensors are not those of the pool's states.</exception>
    public static ImmutableArray<AggregationState> CounterfactualFromBlob(AggregationPool? pool, byte[] blob) =>
        pool is null ? [] : Read(Counterfactual, pool, blob);

    static ImmutableArray<AggregationState> Read(string group, AggregationPool pool, byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        return
        [
            .. pool.Members.Select((rule, member) => new AggregationState(
                Count(Find(file, $"{group}{member}.steps", TensorType.I64, dimensions: 0).AsInt64s()[0]),
                [.. rule.StateNames.Select(name => Find(file, $"{group}{member}.{name}", TensorType.F64, dimensions: 1).AsDoubles())])),
        ];
    }

    static int Count(long steps) => steps is >= 0 and <= StepsMax
        ? (int)steps
        : throw new FormatException($"A state blob counts 0 or more steps, but {steps} came.");

    static Tensor Find(SafetensorsFile file, string name, TensorType type, int dimensions) =>
        file.TryGet(name, out Tensor? tensor) && tensor.Type == type && tensor.Shape.Length == dimensions
            ? tensor
            : throw new FormatException($"A state blob of this pool holds {type} '{name}' of {dimensions} dimensions; this one does not.");
}
