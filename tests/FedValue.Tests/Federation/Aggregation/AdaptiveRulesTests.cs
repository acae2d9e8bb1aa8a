using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>FedAdagrad, FedYogi and FedAdam without bias correction.</summary>
public class AdaptiveRulesTests
{
    [Fact]
    public void FedAdagrad_gives_Flowers_own_example()
    {
        AggregationRule rule = AggregationRules.Parse("fedadagrad:learning-rate=0.1:tau=0.5");
        (float[] model, AggregationState state) = rule.Aggregate(rule.Start(1), MadeUpRounds.Of([0.1f], [[0.2f], [1f]], 5, 5));
        SingleAssert.Close([0.15], model);
        Assert.Equal(0.25, state.Vectors[0][0], 1e-7);
    }

    [Theory]
    // Three rounds that move one weight by 0.5, -0.25 and 0.125: computed once with NumPy from the formulas.
    [InlineData("fedadagrad", new[] { 0.0998003992015968, 0.05515889679879332, 0.07694265697289976 }, new[] { 0.328125 })]
    [InlineData("fedyogi", new[] { 0.009803921568627444, 0.013318755079350536, 0.018551914087663664 }, new[] { 0.0305, 0.00328125 })]
    [InlineData("fedyogi:beta2=0.5", new[] { 0.001410224844171848, 0.002061295720336708, 0.0030981781907844703 }, new[] { 0.0305, 0.0859375 })]
    [InlineData("fedadam:tau=1e-9:bias-correction=0",
        new[] { 0.09999999799999998, 0.13592105776019364, 0.18962648053516262 }, new[] { 0.0305, 0.00322525 })]
    public void Three_rounds_by_hand(string spec, double[] models, double[] vectors)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Start(1);
        float[] model = [0];
        foreach ((float move, double expected) in new[] { 0.5f, -0.25f, 0.125f }.Zip(models))
        {
            (model, state) = rule.Aggregate(state, MadeUpRounds.Of(model, [[model[0] + move]]));
            SingleAssert.Close([expected], model);
        }
        Assert.Equal(3, state.Steps);
        Assert.All(vectors.Index(), vector => Assert.Equal(vector.Item, state.Vectors[vector.Index][0], 1e-7)); // moves were rounded to fp32
    }

    [Theory]
    [InlineData("fedadagrad:learning-rate=0.3:tau=0.1")]
    [InlineData("fedyogi:learning-rate=0.2:beta1=0.8:beta2=0.6:tau=0.01")]
    [InlineData("fedadam:learning-rate=0.2:beta1=0.8:beta2=0.6:tau=0.01:bias-correction=0")]
    public void Five_rounds_with_unequal_examples_follow_the_formulas(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        float[] model = MadeUpRounds.Start;
        double[] m = new double[model.Length], v = new double[model.Length];
        for (int round = 1; round <= 5; round++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants: 4, model, round);
            double[] mean = MadeUpRounds.MeanUpdate(updates, updates.Everyone);
            double[] expected = [.. model.Select((weight, i) => weight + Move(mean[i], ref m[i], ref v[i]))];
            (model, state) = rule.Aggregate(state, updates);
            SingleAssert.Close(expected, model);
        }

        double Move(double d, ref double m, ref double v)
        {
            if (rule is FedAdagrad)
            {
                v += d * d;
                return 0.3 * d / (Math.Sqrt(v) + 0.1);
            }
            m = 0.8 * m + 0.2 * d;
            v = rule is FedAdam ? 0.6 * v + 0.4 * d * d
                : v < d * d ? v + 0.4 * d * d
                : v > d * d ? v - 0.4 * d * d : v;
            return 0.2 * m / (Math.Sqrt(v) + 0.01);
        }
    }

    [Theory]
    [InlineData("fedadagrad:tau=1e-9")]
    [InlineData("fedyogi")]
    [InlineData("fedadam:tau=1e-9:bias-correction=0")]
    public void Where_nobody_ever_moves_nothing_moves(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        float[] model = MadeUpRounds.Start;
        (float[] next, AggregationState state) = rule.Aggregate(rule.Start(model.Length), MadeUpRounds.Of(model, [model, model]));
        Assert.Equal(model, next);
        Assert.All(state.Vectors, vector => Assert.All(vector, number => Assert.Equal(0, number)));
    }

    [Theory]
    [InlineData(new[] { 1f, 0f, 0f }, new[] { 0.5, 0.5, 0.5 })] // a square of 0 changes nothing
    [InlineData(new[] { 1f, 0.5f, 0.5f, 0.5f }, new[] { 0.5, 0.375, 0.25, 0.25 })] // falls by half of 1/4, and rests at v = D^2
    [InlineData(new[] { 1f, 2f }, new[] { 0.5, 2.5 })]
    public void Yogis_second_moment_moves_by_half_the_square_towards_it(float[] moves, double[] seen)
    {
        AggregationRule rule = AggregationRules.Parse("fedyogi:beta2=0.5");
        AggregationState state = rule.Start(1);
        foreach ((float move, double v) in moves.Zip(seen))
        {
            state = rule.Aggregate(state, MadeUpRounds.Of([0], [[move]])).Next;
            Assert.Equal([v], state.Vectors[1]);
        }
    }
}
