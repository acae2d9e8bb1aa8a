using System.Collections.Immutable;
using FedValue.Federation.Aggregation;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationStateTests
{
    static readonly AggregationPool Pool = AggregationPool.Parse("fedrandom");

    [Fact]
    public async Task The_states_of_a_pool_come_back_from_their_blob_bit_for_bit()
    {
        ImmutableArray<AggregationState> states =
        [
            new(3, []),
            new(1, [[1.5, -0.0, double.Epsilon]]),
            new(0, [[0, 0, 0], [1e300, -1e-300, 0.1]]),
            new(int.MaxValue / 2, []),
        ];
        byte[] blob = AggregationState.ToBlob(Pool, states).ToArray();
        ImmutableArray<AggregationState> back = await ReadAsync(Pool, blob);
        Assert.Equal(states.Select(s => s.Steps), back.Select(s => s.Steps));
        Assert.Equal(states.Select(Vectors), back.Select(Vectors));
        Assert.Equal(blob, AggregationState.ToBlob(Pool, back).ToArray());

        static IEnumerable<ulong[]> Vectors(AggregationState state) => state.Vectors.Select(vector => Bits.Of(vector));
    }

    [Fact]
    public void A_blob_names_member_and_vector()
    {
        byte[] blob = AggregationState.ToBlob(Pool, Pool.Start(weights: 5)).ToArray();
        Assert.Equal(
            [
                "member0.steps I64 []", "member1.momentum F64 [5]", "member1.steps I64 []",
                "member2.m F64 [5]", "member2.steps I64 []", "member2.v F64 [5]", "member3.steps I64 []",
            ],
            SafetensorsFile.Read(blob).Tensors.Select(tensor => $"{tensor.Name} {tensor.Form}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Training_goes_on_from_a_blob_as_if_it_had_not_stopped()
    {
        AggregationPool pool = AggregationPool.Parse("fedadam");
        AggregationState state = pool.Start(MadeUpRounds.Weights)[0];
        for (int round = 1; round <= 3; round++)
            state = pool.Members[0].Aggregate(state, MadeUpRounds.Round(4, round: round)).Next;
        AggregationState resumed = (await ReadAsync(pool, AggregationState.ToBlob(pool, [state]).ToArray()))[0];
        RoundUpdates updates = MadeUpRounds.Round(4, round: 4);
        Assert.Equal(
            Bits.Of(pool.Members[0].Aggregate(state, updates).Model), Bits.Of(pool.Members[0].Aggregate(resumed, updates).Model));
    }

    [Fact]
    public async Task A_blob_of_another_pool_is_refused()
    {
        byte[] blob = AggregationState.ToBlob(AggregationPool.Parse("fedavgm"), AggregationPool.Parse("fedavgm").Start(2)).ToArray();
        await RefusedAsync(Pool, blob, "A state blob of this pool holds I64 'member1.steps' of 0 dimensions; this one does not.");
        await RefusedAsync(AggregationPool.Parse("fedadam"), blob, "holds F64 'member0.m' of 1 dimensions; this one does not.");
    }

    [Fact]
    public async Task A_blob_with_another_type_shape_or_number_of_steps_is_refused()
    {
        AggregationPool pool = AggregationPool.Parse("fedavgm");
        Tensor steps = Tensor.OfInt64s("member0.steps", [], [1]), momentum = Tensor.OfDoubles("member0.momentum", [2], [1, 2]);
        Assert.Equal(1, (await ReadAsync(pool, SafetensorsWriter.Write([steps, momentum])))[0].Steps);
        await RefusedAsync(pool, Blob(steps, Tensor.OfSingles("member0.momentum", [2], [1, 2])), "F64 'member0.momentum'");
        await RefusedAsync(pool, Blob(steps, Tensor.OfDoubles("member0.momentum", [2, 1], [1, 2])), "F64 'member0.momentum'");
        await RefusedAsync(pool, Blob(Tensor.OfDoubles("member0.steps", [], [1]), momentum), "I64 'member0.steps'");
        await RefusedAsync(pool, Blob(Tensor.OfInt64s("member0.steps", [1], [1]), momentum), "I64 'member0.steps' of 0 dimensions");
        await RefusedAsync(pool, Blob(Tensor.OfInt64s("member0.steps", [], [-1]), momentum), "A state blob counts 0 or more steps, but -1 came.");
        await RefusedAsync(pool, Blob(Tensor.OfInt64s("member0.steps", [], [long.MaxValue]), momentum), "A state blob counts 0 or more steps");

        static byte[] Blob(params Tensor[] tensors) => SafetensorsWriter.Write(tensors);
    }

    [Fact]
    public async Task A_vector_of_more_than_one_piece_comes_back_with_the_digest_of_its_blob()
    {
        double[] momentum = [.. Enumerable.Range(0, 70_000).Select(i => i / 3.0)]; // 560 KB
        AggregationPool pool = AggregationPool.Parse("fedavgm");
        IBlobContent blob = AggregationState.ToBlob(pool, [new(2, [momentum])], pool, [new(5, [[.. momentum.Reverse()]])]);
        var read = await AggregationState.FromBlobAsync(blob.OpenRead(), pool, pool);
        Assert.Equal(momentum, read.States[0].Vectors[0]);
        Assert.Equal(momentum.Reverse(), read.Counterfactuals[0].Vectors[0]);
        Assert.Equal((2, 5), (read.States[0].Steps, read.Counterfactuals[0].Steps));
        Assert.Equal(Digest.Of(blob.ToArray()), read.Digest);
        Assert.Equal(read.Digest, blob.Digest());
    }

    static async Task<ImmutableArray<AggregationState>> ReadAsync(AggregationPool pool, byte[] blob) =>
        (await AggregationState.FromBlobAsync(new MemoryStream(blob), pool)).States;

    static async Task RefusedAsync(AggregationPool pool, byte[] blob, string part) =>
        Assert.Contains(part, (await Assert.ThrowsAsync<FormatException>(() => ReadAsync(pool, blob))).Message);
}
