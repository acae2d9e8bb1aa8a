using System.Collections.Immutable;
using FedValue.Federation.Aggregation;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationStateTests
{
    static readonly AggregationPool Pool = AggregationPool.Parse("fedrandom");

    [Fact]
    public void The_states_of_a_pool_come_back_from_their_blob_bit_for_bit()
    {
        ImmutableArray<AggregationState> states =
        [
            new(3, []),
            new(1, [[1.5, -0.0, double.Epsilon]]),
            new(0, [[0, 0, 0], [1e300, -1e-300, 0.1]]),
            new(int.MaxValue / 2, []),
        ];
        byte[] blob = AggregationState.ToBlob(Pool, states);
        ImmutableArray<AggregationState> back = AggregationState.FromBlob(Pool, blob);
        Assert.Equal(states.Select(s => s.Steps), back.Select(s => s.Steps));
        Assert.Equal(states.Select(Vectors), back.Select(Vectors));
        Assert.Equal(blob, AggregationState.ToBlob(Pool, back));

        static IEnumerable<ulong[]> Vectors(AggregationState state) => state.Vectors.Select(vector => Bits.Of(vector));
    }

    [Fact]
    public void A_blob_names_member_and_vector()
    {
        byte[] blob = AggregationState.ToBlob(Pool, Pool.Start(weights: 5));
        Assert.Equal(
            [
                "member0.steps I64 []", "member1.momentum F64 [5]", "member1.steps I64 []",
                "member2.m F64 [5]", "member2.steps I64 []", "member2.v F64 [5]", "member3.steps I64 []",
            ],
            SafetensorsFile.Read(blob).Tensors.Select(tensor => $"{tensor.Name} {tensor.Form}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Training_goes_on_from_a_blob_as_if_it_had_not_stopped()
    {
        AggregationPool pool = AggregationPool.Parse("fedadam");
        AggregationState state = pool.Start(MadeUpRounds.Weights)[0];
        for (int round = 1; round <= 3; round++)
            state = pool.Members[0].Aggregate(state, MadeUpRounds.Round(4, round: round)).Next;
        AggregationState resumed = AggregationState.FromBlob(pool, AggregationState.ToBlob(pool, [state]))[0];
        RoundUpdates updates = MadeUpRounds.Round(4, round: 4);
        Assert.Equal(
            Bits.Of(pool.Members[0].Aggregate(state, updates).Model), Bits.Of(pool.Members[0].Aggregate(resumed, updates).Model));
    }

    [Fact]
    public void A_blob_of_another_pool_is_refused()
    {
        byte[] blob = AggregationState.ToBlob(AggregationPool.Parse("fedavgm"), AggregationPool.Parse("fedavgm").Start(2));
        Refused(Pool, blob, "A state blob of this pool holds I64 'member1.steps' of 0 dimensions; this one does not.");
        Refused(AggregationPool.Parse("fedadam"), blob, "holds F64 'member0.m' of 1 dimensions; this one does not.");
    }

    [Fact]
    public void A_blob_with_another_type_shape_or_number_of_steps_is_refused()
    {
        AggregationPool pool = AggregationPool.Parse("fedavgm");
        Tensor steps = Tensor.OfInt64s("member0.steps", [], [1]), momentum = Tensor.OfDoubles("member0.momentum", [2], [1, 2]);
        Assert.Equal(1, AggregationState.FromBlob(pool, SafetensorsWriter.Write([steps, momentum]))[0].Steps);
        Refused(pool, Blob(steps, Tensor.OfSingles("member0.momentum", [2], [1, 2])), "F64 'member0.momentum'");
        Refused(pool, Blob(steps, Tensor.OfDoubles("member0.momentum", [2, 1], [1, 2])), "F64 'member0.momentum'");
        Refused(pool, Blob(Tensor.OfDoubles("member0.steps", [], [1]), momentum), "I64 'member0.steps'");
        Refused(pool, Blob(Tensor.OfInt64s("member0.steps", [1], [1]), momentum), "I64 'member0.steps' of 0 dimensions");
        Refused(pool, Blob(Tensor.OfInt64s("member0.steps", [], [-1]), momentum), "A state blob counts 0 or more steps, but -1 came.");
        Refused(pool, Blob(Tensor.OfInt64s("member0.steps", [], [long.MaxValue]), momentum), "A state blob counts 0 or more steps");

        static byte[] Blob(params Tensor[] tensors) => SafetensorsWriter.Write(tensors);
    }

    static void Refused(AggregationPool pool, byte[] blob, string part) =>
        Assert.Contains(part, Assert.Throws<FormatException>(() => AggregationState.FromBlob(pool, blob)).Message);
}
