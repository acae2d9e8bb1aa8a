using System.Collections.Immutable;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Aggregation;

/// <summary>What an aggregation rule remembers between rounds; immutable, so that evaluating a coalition cannot touch it.</summary>
/// <param name="Steps">How many rounds this rule has aggregated.</param>
/// <param name="Vectors">Its vectors of d doubles, in the order of the rule's names.</param>
public sealed record AggregationState(int Steps, ImmutableArray<double[]> Vectors)
{
    /// <summary>The states of a whole pool as a blob: per member I64 <c>memberN.steps</c> and F64 <c>memberN.NAME</c> [d].</summary>
    public static byte[] ToBlob(AggregationPool pool, IReadOnlyList<AggregationState> states)
    {
        var tensors = new List<Tensor>();
        for (int member = 0; member < states.Count; member++)
        {
            tensors.Add(Tensor.OfInt64s($"member{member}.steps", [], [states[member].Steps]));
            for (int i = 0; i < states[member].Vectors.Length; i++)
            {
                double[] vector = states[member].Vectors[i];
                tensors.Add(Tensor.OfDoubles($"member{member}.{pool.Members[member].StateNames[i]}", [vector.Length], vector));
            }
        }
        return SafetensorsWriter.Write(tensors);
    }

    /// <summary>Reads the blob back.</summary>
    public static ImmutableArray<AggregationState> FromBlob(AggregationPool pool, byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        return
        [
            .. pool.Members.Select((rule, member) => new AggregationState(
                checked((int)file[$"member{member}.steps"].AsInt64s()[0]),
                [.. rule.StateNames.Select(name => file[$"member{member}.{name}"].AsDoubles())])),
        ];
    }
}
