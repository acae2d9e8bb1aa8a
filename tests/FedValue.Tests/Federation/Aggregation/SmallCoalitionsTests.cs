using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>What a rule says about small coalitions stands on the ledger; here it is held to its words.</summary>
public class SmallCoalitionsTests
{
    static readonly int[][] Small = [[0], [3], [0, 2], [1, 3], [0, 1, 3]];

    static RoundUpdates Updates { get; } = MadeUpRounds.Round(participants: 4);

    [Fact]
    public void FedAvg_takes_the_weighted_mean_of_its_members()
    {
        var rule = new FedAvg();
        Assert.Equal("empty: the round's base model; any other coalition: the weighted mean of its models", rule.SmallCoalitions);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        AssertEmptyIsBase(rule, state);
        foreach (int[] coalition in Small)
        {
            double[] weights = Updates.Weights(coalition);
            Assert.Equal(1, weights.Sum(), 1e-15);
            double[] mean = [.. Enumerable.Range(0, MadeUpRounds.Weights).Select(i =>
                coalition.Select((member, place) => weights[place] * Updates.Rows.Model(member)[i]).Sum())];
            SingleAssert.Close(mean, MadeUpRounds.CoalitionModel(rule, state, Updates, coalition));
        }
    }

    [Fact]
    public void FedAvgM_takes_a_momentum_step_with_the_weighted_mean_of_its_members()
    {
        var rule = new FedAvgM(serverLearningRate: 0.7, momentum: 0.9);
        Assert.Equal(
            "empty: the round's base model, momentum does not move it; any other coalition: a momentum step with its weighted mean",
            rule.SmallCoalitions);
        AggregationState state = After(rule);
        AssertEmptyIsBase(rule, state);
        foreach (int[] coalition in Small)
        {
            double[] mean = MadeUpRounds.MeanUpdate(Updates, coalition);
            double[] stepped = [.. MadeUpRounds.Start.Select((weight, i) => weight - 0.7 * (0.9 * state.Vectors[0][i] - mean[i]))];
            SingleAssert.Close(stepped, MadeUpRounds.CoalitionModel(rule, state, Updates, coalition));
        }
    }

    [Fact]
    public void FedAdam_takes_an_Adam_step_with_the_weighted_mean_of_its_members()
    {
        var rule = new FedAdam(learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3);
        Assert.Equal(
            "empty: the round's base model, the moments do not move it; any other coalition: an Adam step with its weighted mean",
            rule.SmallCoalitions);
        AggregationState state = After(rule);
        AssertEmptyIsBase(rule, state);
        double rate = 0.1 * Math.Sqrt(1 - Math.Pow(0.99, 3)) / (1 - Math.Pow(0.9, 3)); // its second step
        foreach (int[] coalition in Small)
        {
            double[] mean = MadeUpRounds.MeanUpdate(Updates, coalition);
            double[] stepped = [.. MadeUpRounds.Start.Select((weight, i) =>
            {
                double m = 0.9 * state.Vectors[0][i] + 0.1 * mean[i], v = 0.99 * state.Vectors[1][i] + 0.01 * mean[i] * mean[i];
                return weight + rate * m / (Math.Sqrt(v) + 1e-3);
            })];
            SingleAssert.Close(stepped, MadeUpRounds.CoalitionModel(rule, state, Updates, coalition));
        }
    }

    [Fact]
    public void FedMedian_takes_one_model_as_it_is_and_of_two_the_unweighted_mean()
    {
        var rule = new FedMedian();
        Assert.Equal(
            "empty: the round's base model; one member: its model; two members: the unweighted mean of their models", rule.SmallCoalitions);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        AssertEmptyIsBase(rule, state);
        Assert.Equal(Bits.Of(Updates.Rows.Model(2)), Bits.Of(MadeUpRounds.CoalitionModel(rule, state, Updates, 2)));
        float[] mean = [.. Updates.Rows.Model(1).ToArray().Zip(Updates.Rows.Model(3).ToArray(), (a, b) => (float)(((double)a + b) / 2))];
        Assert.Equal(Bits.Of(mean), Bits.Of(MadeUpRounds.CoalitionModel(rule, state, Updates, 1, 3)));
    }

    /// <summary>The state after one round, which is not zero.</summary>
    static AggregationState After(AggregationRule rule)
    {
        AggregationState state = rule.Aggregate(rule.Start(MadeUpRounds.Weights), MadeUpRounds.Round(participants: 3, round: 9)).Next;
        Assert.All(state.Vectors, vector => Assert.DoesNotContain(0, vector));
        return state;
    }

    static void AssertEmptyIsBase(AggregationRule rule, AggregationState state) =>
        Assert.Equal(Bits.Of(MadeUpRounds.Start), Bits.Of(MadeUpRounds.CoalitionModel(rule, state, Updates)));
}
