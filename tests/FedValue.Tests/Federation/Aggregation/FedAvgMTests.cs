using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class FedAvgMTests
{
    const int Participants = 4;

    [Theory]
    [InlineData(1, 0.9)]
    [InlineData(0.5, 0.3)]
    [InlineData(2, 0)]
    public void Five_rounds_follow_the_formulas(double rate, double momentum)
    {
        var rule = new FedAvgM(rate, momentum);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        float[] model = MadeUpRounds.Start;
        var m = new double[MadeUpRounds.Weights];
        for (int round = 1; round <= 5; round++)
        {
            RoundUpdates updates = MadeUpRounds.Round(Participants, model, round);
            double[] mean = MadeUpRounds.MeanUpdate(updates, updates.Everyone);
            for (int i = 0; i < m.Length; i++)
                m[i] = momentum * m[i] + -mean[i]; // m = momentum m + g with g = -D
            (float[] next, state) = rule.Aggregate(state, updates);
            SingleAssert.Close([.. model.Select((weight, i) => weight - rate * m[i])], next);
            model = next;
        }
        Assert.Equal(5, state.Steps);
    }

    [Fact]
    public void The_first_round_is_FedAvg_bit_for_bit()
    {
        AggregationRule rule = AggregationRules.Parse("fedavgm"), average = new FedAvg();
        for (int participants = 1; participants <= 7; participants++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants);
            Assert.Equal(
                Bits.Of(average.Aggregate(average.Start(MadeUpRounds.Weights), updates).Model),
                Bits.Of(rule.Aggregate(rule.Start(MadeUpRounds.Weights), updates).Model));
        }
    }

    [Fact]
    public void Momentum_carries_on_when_nobody_moves()
    {
        var rule = new FedAvgM(serverLearningRate: 1, momentum: 0.5);
        (float[] model, AggregationState state) = rule.Aggregate(rule.Start(1), MadeUpRounds.Of([0], [[1]]));
        Assert.Equal([1f], model);
        (model, state) = rule.Aggregate(state, MadeUpRounds.Of(model, [model]));
        Assert.Equal([1.5f], model);
        Assert.Equal([-0.5], state.Vectors[0]);
    }
}
