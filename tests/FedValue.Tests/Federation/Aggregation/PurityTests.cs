using FedValue.Federation.Aggregation;
using FedValue.Kernels.Randomness;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>Evaluating coalitions changes nothing: not the state, not the base, not the training that goes on.</summary>
public class PurityTests
{
    const int Participants = 5, Rounds = 8;

    public static TheoryData<string> Rules => MadeUpRounds.Rules;

    public static TheoryData<string> Pools => [.. MadeUpRounds.Rules, "fedrandom", "fedrandom:fedmedian,fedavgm:momentum=0.5"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Coalitions_in_any_order_on_any_thread_have_the_same_models_and_leave_everything_as_it_was(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Aggregate(rule.Start(MadeUpRounds.Weights), MadeUpRounds.Round(3, round: 7)).Next;
        RoundUpdates updates = MadeUpRounds.Round(Participants);
        int[][] coalitions = MadeUpRounds.Coalitions(Participants);
        ulong[] before = Everything(state, updates);

        uint[][] ascending = [.. coalitions.Select(coalition => Bits.Of(MadeUpRounds.CoalitionModel(rule, state, updates, coalition)))];
        foreach (int[] order in new[] { Descending(), Shuffled(1), Shuffled(2) })
        {
            foreach (int mask in order)
                Assert.Equal(ascending[mask], Bits.Of(MadeUpRounds.CoalitionModel(rule, state, updates, coalitions[mask])));
        }
        var together = new uint[10 * coalitions.Length][];
        Parallel.For(0, together.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            together[i] = Bits.Of(MadeUpRounds.CoalitionModel(rule, state, updates, coalitions[i % coalitions.Length])));
        Assert.All(together.Index(), pair => Assert.Equal(ascending[pair.Index % coalitions.Length], pair.Item));

        Assert.Equal(before, Everything(state, updates));

        int[] Descending() => [.. Enumerable.Range(0, coalitions.Length).Reverse()];
        int[] Shuffled(long seed) => new RandomStream(seed, RandomPurpose.Permutation).NextPermutation(coalitions.Length);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Aggregating_leaves_the_old_state_as_it_was(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Aggregate(rule.Start(MadeUpRounds.Weights), MadeUpRounds.Round(3, round: 7)).Next;
        RoundUpdates updates = MadeUpRounds.Round(Participants);
        ulong[] before = Everything(state, updates);
        AggregationState next = rule.Aggregate(state, updates).Next;
        Assert.Equal(before, Everything(state, updates));
        foreach ((double[] old, double[] made) in state.Vectors.Zip(next.Vectors))
            Assert.NotSame(old, made);
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void Training_with_and_without_coalition_evaluations_is_the_same_bit_for_bit(string spec) =>
        Assert.Equal(Train(spec, evaluate: false), Train(spec, evaluate: true));

    /// <summary>The bits of the model and of every state after each round of a training whose updates follow from the model.</summary>
    static List<ulong[]> Train(string spec, bool evaluate)
    {
        AggregationPool pool = AggregationPool.Parse(spec);
        AggregationState[] states = [.. pool.Start(MadeUpRounds.Weights)];
        float[] model = MadeUpRounds.Start;
        var bits = new List<ulong[]>();
        for (int round = 1; round <= Rounds; round++)
        {
            int member = pool.Draw(seed: 3, round);
            RoundUpdates updates = MadeUpRounds.Round(Participants, model, round);
            foreach (int[] coalition in evaluate ? MadeUpRounds.Coalitions(Participants) : [])
                MadeUpRounds.CoalitionModel(pool.Members[member], states[member], updates, coalition);
            (model, states[member]) = pool.Members[member].Aggregate(states[member], updates);
            bits.Add([.. states.SelectMany(state => Everything(state, updates)), .. Bits.Of(model).Select(b => (ulong)b)]);
        }
        return bits;
    }

    static ulong[] Everything(AggregationState state, RoundUpdates updates) =>
    [
        (ulong)state.Steps,
        .. state.Vectors.SelectMany(vector => Bits.Of(vector)),
        .. Bits.Of(updates.Rows.Base).Select(bits => (ulong)bits),
        .. Enumerable.Range(0, updates.Count).SelectMany(k => Bits.Of(updates.Rows.Model(k))).Select(bits => (ulong)bits),
    ];
}
