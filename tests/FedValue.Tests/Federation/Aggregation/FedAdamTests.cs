using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class FedAdamTests
{
    // Three rounds that move one weight by 0.5, -0.25 and 0.125: computed once with Python's floats.
    static readonly double[] Steps = [0.07279017533367332, 0.09523077481341069, 0.12569396738500513];

    [Fact]
    public void Three_rounds_by_hand()
    {
        AggregationRule rule = AggregationRules.Parse("fedadam");
        AggregationState state = rule.Start(1);
        float[] model = [0];
        foreach ((float move, double expected) in new[] { 0.5f, -0.25f, 0.125f }.Zip(Steps))
        {
            (model, state) = rule.Aggregate(state, MadeUpRounds.Of(model, [[model[0] + move]]));
            SingleAssert.Close([expected], model);
        }
        Assert.Equal(3, state.Steps);
        Assert.Equal(0.0305, state.Vectors[0][0], 1e-7); // the moves were rounded to fp32 on the way
        Assert.Equal(0.00322525, state.Vectors[1][0], 1e-7);
    }

    [Theory]
    [InlineData(0.1, 0.9, 0.99, 1e-3)]
    [InlineData(1, 0.5, 0.999, 1)]
    [InlineData(0.03, 0, 0, 1e-9)]
    public void Five_rounds_follow_the_formula_with_its_exponent_of_one_more_than_the_round(
        double rate, double beta1, double beta2, double tau)
    {
        var rule = new FedAdam(rate, beta1, beta2, tau);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        float[] model = MadeUpRounds.Start;
        double[] m = new double[model.Length], v = new double[model.Length];
        for (int t = 1; t <= 5; t++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants: 4, model, t);
            double[] mean = MadeUpRounds.MeanUpdate(updates, updates.Everyone);
            double corrected = rate * Math.Sqrt(1 - Math.Pow(beta2, t + 1)) / (1 - Math.Pow(beta1, t + 1));
            double[] expected = [.. model.Select((weight, i) =>
            {
                m[i] = beta1 * m[i] + (1 - beta1) * mean[i];
                v[i] = beta2 * v[i] + (1 - beta2) * mean[i] * mean[i];
                return weight + corrected * m[i] / (Math.Sqrt(v[i]) + tau);
            })];
            (model, state) = rule.Aggregate(state, updates);
            SingleAssert.Close(expected, model);
        }
    }

    [Fact]
    public void Where_nobody_ever_moves_nothing_moves()
    {
        AggregationRule rule = AggregationRules.Parse("fedadam");
        float[] model = MadeUpRounds.Start;
        (float[] next, AggregationState state) = rule.Aggregate(rule.Start(model.Length), MadeUpRounds.Of(model, [model, model]));
        Assert.Equal(model, next);
        Assert.All(state.Vectors, vector => Assert.All(vector, number => Assert.Equal(0, number)));
    }
}
