using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>What holds for every rule.</summary>
public class AggregationRuleTests
{
    public static TheoryData<string> Rules => MadeUpRounds.Rules;

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_coalition_of_everyone_makes_the_rounds_model_bit_for_bit(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        for (int participants = 1; participants <= 7; participants++)
        {
            AggregationState state = Later(rule);
            RoundUpdates updates = MadeUpRounds.Round(participants);
            Assert.Equal(
                Bits.Of(rule.Aggregate(state, updates).Model),
                Bits.Of(MadeUpRounds.CoalitionModel(rule, state, updates, updates.Everyone)));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_coalition_of_up_to_seven_has_a_finite_model(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = Later(rule);
        for (int participants = 0; participants <= 7; participants++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants);
            Assert.All(MadeUpRounds.Coalitions(participants), coalition =>
                Assert.All(MadeUpRounds.CoalitionModel(rule, state, updates, coalition), weight => Assert.True(float.IsFinite(weight))));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_empty_coalition_leaves_the_base_model(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        for (int participants = 0; participants <= 7; participants++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants);
            Assert.Equal(Bits.Of(MadeUpRounds.Start), Bits.Of(MadeUpRounds.CoalitionModel(rule, Later(rule), updates)));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_round_without_updates_changes_neither_model_nor_state(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = Later(rule);
        (float[] model, AggregationState next) = rule.Aggregate(state, MadeUpRounds.Round(participants: 0));
        Assert.Equal(Bits.Of(MadeUpRounds.Start), Bits.Of(model));
        Assert.Same(state, next);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_step_is_counted_and_every_vector_is_as_long_as_the_model(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        Assert.Equal(0, state.Steps);
        Assert.All(state.Vectors, vector => Assert.All(vector, number => Assert.Equal(0, number)));
        AggregationState next = rule.Aggregate(state, MadeUpRounds.Round(participants: 3)).Next;
        Assert.Equal(1, next.Steps);
        Assert.Equal(rule.StateNames.Length, next.Vectors.Length);
        Assert.All(next.Vectors, vector => Assert.Equal(MadeUpRounds.Weights, vector.Length));
        Assert.All(next.Vectors, vector => Assert.Contains(vector, number => number != 0));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_same_updates_in_their_canonical_order_give_the_same_bits_every_time(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        (float[] model, AggregationState next) = rule.Aggregate(Later(rule), MadeUpRounds.Round(participants: 7));
        for (int again = 0; again < 10; again++)
        {
            rule = AggregationRules.Parse(spec);
            (float[] model2, AggregationState next2) = rule.Aggregate(Later(rule), MadeUpRounds.Round(participants: 7));
            Assert.Equal(Bits.Of(model), Bits.Of(model2));
            Assert.Equal(next.Vectors.Select(v => Bits.Of(v)), next2.Vectors.Select(v => Bits.Of(v)));
        }
    }

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedavgm")] // in its first round
    [InlineData("fedmedian")]
    [InlineData("fedtrimmedavg")]
    [InlineData("krum")]
    [InlineData("krum:byzantine=1")]
    [InlineData("multikrum:keep=3")]
    [InlineData("bulyan")]
    [InlineData("bulyan:byzantine=1")]
    public void One_participant_or_many_with_one_model_give_that_model_exactly(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        float[] local = MadeUpRounds.Round(participants: 1).Rows.Model(0).ToArray();
        for (int participants = 1; participants <= 7; participants++)
        {
            RoundUpdates updates = MadeUpRounds.Of(MadeUpRounds.Start, [.. Enumerable.Repeat(local, participants)]);
            Assert.Equal(Bits.Of(local), Bits.Of(rule.Aggregate(rule.Start(local.Length), updates).Model));
        }
    }

    [Fact]
    public void Of_two_participants_the_median_is_their_mean_and_the_average_their_weighted_mean()
    {
        RoundUpdates updates = MadeUpRounds.Of([0], [[1], [5]], 1, 3);
        Assert.Equal([3f], AggregationRules.Parse("fedmedian").Aggregate(new AggregationState(0, []), updates).Model);
        Assert.Equal([4f], AggregationRules.Parse("fedavg").Aggregate(new AggregationState(0, []), updates).Model);
    }

    /// <summary>The state after two rounds, so that momentum and moments are not zero.</summary>
    static AggregationState Later(AggregationRule rule)
    {
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        foreach (int round in new[] { 11, 12 })
            state = rule.Aggregate(state, MadeUpRounds.Round(participants: 3, round: round)).Next;
        return state;
    }
}
