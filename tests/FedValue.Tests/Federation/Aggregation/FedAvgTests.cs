using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Federation.Aggregation;

public class FedAvgTests
{
    static readonly FedAvg Rule = new();

    [Fact]
    public void The_model_is_the_mean_weighted_by_examples()
    {
        RoundUpdates updates = MadeUpRounds.Of([0.5f, 0], [[1, -2], [2, 6]], 1, 3);
        Assert.Equal([1.75f, 4], Rule.Aggregate(Rule.Start(2), updates).Model);
        Assert.Equal([0.25, 0.75], updates.Weights([0, 1]));
    }

    [Fact]
    public void Numbers_of_examples_matter_only_in_proportion()
    {
        float[][] models = [[1, -2, 0.5f], [2, 6, 3], [0, 1, 1]];
        Assert.Equal(Model(1, 3, 4), Model(1L << 40, 3L << 40, 4L << 40));
        Assert.NotEqual(Model(1, 3, 4), Model(1, 3, 5));

        uint[] Model(params long[] examples) =>
            Bits.Of(Rule.Aggregate(Rule.Start(3), MadeUpRounds.Of([0, 0, 0], models, examples)).Model);
    }

    [Fact]
    public void The_mean_is_that_of_the_local_models_whatever_the_base()
    {
        for (int participants = 1; participants <= 7; participants++)
        {
            RoundUpdates updates = MadeUpRounds.Round(participants);
            double[] weights = updates.Weights(updates.Everyone);
            double[] mean = [.. Enumerable.Range(0, MadeUpRounds.Weights).Select(i =>
                Enumerable.Range(0, participants).Sum(k => weights[k] * updates.Rows.Model(k)[i]))];
            SingleAssert.Close(mean, Rule.Aggregate(Rule.Start(MadeUpRounds.Weights), updates).Model);
        }
    }

    // The base is subtracted and added again in double, so a weight comes back exactly unless it is 2^24 times smaller than the base's.
    [Fact]
    public void Identical_local_models_give_that_model_exactly() => Prop.ForAll(
        Gen.Choose(1, 8).ToArbitrary(),
        Gen.Choose(-1_000_000, 1_000_000).Two().ToArbitrary(),
        Gen.Choose(1, 1_000_000).ArrayOf(8).ToArbitrary(),
        (participants, numbers, examples) =>
        {
            float before = numbers.Item1 / 1000f, after = numbers.Item2 == 0 ? 1 : numbers.Item2 / 700f;
            RoundUpdates updates = MadeUpRounds.Of(
                [before], [.. Enumerable.Repeat<float[]>([after], participants)], [.. examples[..participants].Select(e => (long)e)]);
            return Rule.Aggregate(Rule.Start(1), updates).Model[0] == after;
        }).Holds();
}
