using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class FedMedianTests
{
    static readonly FedMedian Rule = new();

    [Theory]
    [InlineData(new[] { 0.2f, 1.0f, 0.5f }, 0.5f)] // from Flower's tests
    [InlineData(new[] { 0.2f }, 0.2f)]
    [InlineData(new[] { 4f, 1f }, 2.5f)]
    [InlineData(new[] { 9f, -1f, 3f, 4f }, 3.5f)]
    [InlineData(new[] { 1f, 1f, 1f, 100f, 2f }, 1f)]
    [InlineData(new[] { -1f, -1f, 5f, 5f, 5f, -1f }, 2f)]
    [InlineData(new[] { 3e38f, 3.2e38f }, 3.1e38f)] // the mean of the middle two is taken in double
    public void The_middle_one_or_the_mean_of_the_middle_two(float[] models, float median)
    {
        RoundUpdates updates = MadeUpRounds.Of([7], [.. models.Select(model => new[] { model })]);
        Assert.Equal([median], Rule.Aggregate(Rule.Start(1), updates).Model);
    }

    [Fact]
    public void Every_weight_has_its_own_median_and_examples_do_not_count()
    {
        RoundUpdates updates = MadeUpRounds.Of([0, 0, 0], [[1, 9, 5], [2, 8, 4], [3, 7, 6]], 1000, 1, 1);
        Assert.Equal([2f, 8f, 5f], Rule.Aggregate(Rule.Start(3), updates).Model);
    }
}
