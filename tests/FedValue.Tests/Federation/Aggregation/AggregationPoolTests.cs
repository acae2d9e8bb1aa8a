using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationPoolTests
{
    const string Known = "there are fedavg, fedavgm, fedadam, fedmedian, fedadagrad, fedyogi, fedtrimmedavg, krum, multikrum, bulyan, qfedavg, "
        + "and fedrandom, a pool of these.";

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
        Assert.Equal(pool.Spec, AggregationPool.Parse("fedrandom:fedavgm:momentum=0.5").Spec);
    }

    [Theory]
    [InlineData("fedrandom:fedavg,fedmedian")]
    [InlineData("fedrandom:fedavgm:momentum=0.5,fedavgm:momentum=0.9")]
    [InlineData("fedrandom:fedavgm:server-learning-rate=0.9:momentum=0,fedavg")]
    [InlineData("fedrandom:fedadam:tau=0.001,fedadam:tau=0.01,fedadam:learning-rate=0.05")]
    [InlineData("fedrandom:fedavg,fedavgm,fedadam,fedmedian,fedadagrad,fedyogi,fedtrimmedavg,krum,multikrum:keep=2,bulyan,qfedavg")]
    [InlineData("fedrandom:fedadam,fedadam:bias-correction=0")]
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
    [InlineData("fedrandom:krum,multikrum", "krum:byzantine=0", "multikrum:byzantine=0:keep=1")]
    [InlineData("fedrandom:bulyan,fedtrimmedavg:beta=0", "bulyan:byzantine=0", "fedtrimmedavg:beta=0")] // five probes: nothing is cut
    [InlineData("fedrandom:qfedavg:q=0,fedtrimmedavg:beta=0.19", "qfedavg:q=0:learning-rate=0.1", "fedtrimmedavg:beta=0.19")]
    [InlineData("fedrandom:fedmedian,fedtrimmedavg:beta=0.49", "fedmedian", "fedtrimmedavg:beta=0.49")] // the middle one of five
    [InlineData("fedrandom:multikrum:keep=5,fedavg", "multikrum:byzantine=0:keep=5", "fedavg")]
    public void Robust_rules_that_come_to_the_same_are_twins_too(string spec, string one, string other) =>
        Twins_are_refused_under_whatever_names(spec, one, other);

    [Theory]
    [InlineData("fedrandom:", $"There is no aggregator ''; {Known}")]
    [InlineData("fedrandom:fedavg,", $"There is no aggregator ''; {Known}")]
    [InlineData("fedrandom:fedavg,fedrandom", $"There is no aggregator 'fedrandom'; {Known}")]
    [InlineData("fedrandom:fedavg,fedsgd", $"There is no aggregator 'fedsgd'; {Known}")]
    [InlineData("fedrandom2", $"There is no aggregator 'fedrandom2'; {Known}")]
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
