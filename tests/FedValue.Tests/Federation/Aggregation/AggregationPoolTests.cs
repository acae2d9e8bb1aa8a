using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationPoolTests
{
    [Fact]
    public void FedRandom_draws_from_four_rules_unless_others_are_named()
    {
        AggregationPool pool = AggregationPool.Parse("fedrandom");
        Assert.Equal([typeof(FedAvg), typeof(FedAvgM), typeof(FedAdam), typeof(FedMedian)], pool.Members.Select(m => m.GetType()));
        Assert.Equal(
            "fedrandom:fedavg,fedavgm:server-learning-rate=1:momentum=0.9," +
            "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001,fedmedian",
            pool.Spec);
        Assert.Equal(pool.Spec, AggregationPool.Parse(pool.Spec).Spec);
    }

    [Fact]
    public void A_rule_alone_is_a_pool_of_one()
    {
        AggregationPool pool = AggregationPool.Parse("fedavgm:momentum=0.5");
        Assert.Equal("fedavgm:server-learning-rate=1:momentum=0.5", pool.Spec);
        Assert.Single(pool.Members);
        Assert.All(Enumerable.Range(1, 100), round => Assert.Equal(0, pool.Draw(seed: 1, round)));
    }

    [Theory]
    [InlineData("fedrandom:fedavg,fedmedian")]
    [InlineData("fedrandom:fedavgm:momentum=0.5,fedavgm:momentum=0.9")]
    [InlineData("fedrandom:fedavgm:server-learning-rate=0.9:momentum=0,fedavg")]
    [InlineData("fedrandom:fedadam:tau=0.001,fedadam:tau=0.01,fedadam:learning-rate=0.05")]
    public void Rules_under_different_settings_make_a_pool(string spec) =>
        Assert.Equal(spec.Split(',').Length, AggregationPool.Parse(spec).Members.Length);

    [Theory]
    [InlineData("fedrandom:fedavg,fedavg", "fedavg", "fedavg")]
    [InlineData("fedrandom:fedavg,fedmedian,fedavgm:momentum=0", "fedavg", "fedavgm:server-learning-rate=1:momentum=0")]
    [InlineData("fedrandom:fedavg,fedavgm:momentum=1e-9", "fedavg", "fedavgm:server-learning-rate=1:momentum=1E-09")]
    [InlineData("fedrandom:fedadam,fedavg,fedadam:tau=0.001",
        "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001", "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001")]
    public void Twins_are_refused_under_whatever_names(string spec, string one, string other) => Refused(spec,
        $"Two members of the FedRandom pool are the same under their settings: '{one}' and '{other}'; drop one or change its settings.");

    [Theory]
    [InlineData("fedrandom:",
        "There is no aggregator ''; there are fedavg, fedavgm, fedadam, fedmedian, and fedrandom, a pool of these.")]
    [InlineData("fedrandom:fedavg,",
        "There is no aggregator ''; there are fedavg, fedavgm, fedadam, fedmedian, and fedrandom, a pool of these.")]
    [InlineData("fedrandom:fedavg,fedrandom",
        "There is no aggregator 'fedrandom'; there are fedavg, fedavgm, fedadam, fedmedian, and fedrandom, a pool of these.")]
    [InlineData("fedrandom:fedavg,krum",
        "There is no aggregator 'krum'; there are fedavg, fedavgm, fedadam, fedmedian, and fedrandom, a pool of these.")]
    [InlineData("fedrandom2",
        "There is no aggregator 'fedrandom2'; there are fedavg, fedavgm, fedadam, fedmedian, and fedrandom, a pool of these.")]
    public void A_pool_that_cannot_be_drawn_from_is_refused(string spec, string sentence) => Refused(spec, sentence);

    [Fact]
    public void A_pool_has_members() => Assert.Equal(
        "A federation needs at least one aggregator, but none came.",
        Assert.Throws<FormatException>(() => new AggregationPool([])).Message);

    [Fact]
    public void Every_member_starts_with_a_state_of_its_own()
    {
        AggregationPool pool = AggregationPool.Parse("fedrandom");
        Assert.Equal([0, 1, 2, 0], pool.Start(weights: 5).Select(state => state.Vectors.Length));
    }

    static void Refused(string spec, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => AggregationPool.Parse(spec)).Message);
}
