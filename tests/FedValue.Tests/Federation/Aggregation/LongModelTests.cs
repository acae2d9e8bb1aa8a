using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>A step is made part by part: what lies on either side of a boundary is what it would be in a model of one part.</summary>
public sealed class LongModelTests
{
    const int Tile = 2048, Participants = 5, Rounds = 3;

    /// <summary>A tile before the boundary, so that the second tile of the short model begins behind it.</summary>
    const int Place = RoundCombination.PartLength - Tile;

    [Theory]
    [MemberData(nameof(MadeUpRounds.Rules), MemberType = typeof(MadeUpRounds))]
    public void Every_rule_makes_of_a_model_in_a_longer_one_what_it_makes_of_it_alone(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        float[] model = Short(MadeUpRounds.Start, MadeUpRounds.Start), longer = Longer(model);
        AggregationState state = rule.Start(model.Length), longState = rule.Start(longer.Length);
        for (int round = 1; round <= Rounds; round++)
        {
            RoundUpdates one = MadeUpRounds.Round(Participants, round: round), other = MadeUpRounds.Round(Participants, round: round, seed: 2);
            float[][] locals =
            [
                .. one.Everyone.Select(k => Moved(model, Short(Difference(one, k), Difference(other, k)))),
            ];
            (float[] next, state) = rule.Aggregate(state, MadeUpRounds.Of(model, locals));
            (float[] longNext, longState) = rule.Aggregate(longState, MadeUpRounds.Of(longer, [.. locals.Select(Longer)]));
            Assert.Equal(Bits.Of(next), Bits.Of(longNext.AsSpan(Place, next.Length)));
            Assert.All(longNext[..Place], weight => Assert.Equal(0, weight));
            Assert.All(longNext[(Place + next.Length)..], weight => Assert.Equal(0, weight));
            for (int v = 0; v < state.Vectors.Length; v++)
                Assert.Equal(Bits.Of(state.Vectors[v]), Bits.Of(longState.Vectors[v].AsSpan(Place, next.Length)));
            (model, longer) = (next, longNext);
        }
    }

    static float[] Difference(RoundUpdates updates, int k)
    {
        float[] local = updates.Rows.Model(k).ToArray(), start = updates.Rows.Base.ToArray();
        return [.. local.Zip(start, (to, from) => to - from)];
    }

    static float[] Moved(float[] model, float[] by) => [.. model.Zip(by, (weight, move) => weight + move)];

    /// <summary>Two tiles, of which only the beginnings are not 0.</summary>
    static float[] Short(float[] first, float[] second) => [.. first, .. new float[Tile - first.Length], .. second];

    static float[] Longer(float[] model) => [.. new float[Place], .. model, .. new float[Tile + 3]];
}
