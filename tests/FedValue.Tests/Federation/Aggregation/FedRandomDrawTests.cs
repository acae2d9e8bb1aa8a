using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class FedRandomDrawTests
{
    static readonly AggregationPool Pool = AggregationPool.Parse("fedrandom");

    // Chi-square with 3 and with 15 degrees of freedom: a uniform draw goes above for one seed in a million.
    const double OneInAMillion3 = 30.66;
    const double OneInAMillion15 = 56.49;

    [Fact]
    public void The_draw_is_uniform_over_the_rounds()
    {
        const int rounds = 20_000;
        var counts = new int[4];
        for (int round = 1; round <= rounds; round++)
            counts[Pool.Draw(seed: 1, round)]++;
        Assert.InRange(ChiSquare(counts, rounds / 4.0), 0, OneInAMillion3);
    }

    [Fact]
    public void One_rounds_draw_does_not_tell_the_next()
    {
        const int pairs = 20_000;
        var counts = new int[16];
        for (int pair = 1; pair <= pairs; pair++)
            counts[4 * Pool.Draw(seed: 2, 2 * pair) + Pool.Draw(seed: 2, 2 * pair + 1)]++;
        Assert.InRange(ChiSquare(counts, pairs / 16.0), 0, OneInAMillion15);
    }

    [Fact]
    public void The_draw_is_uniform_over_the_seeds_too()
    {
        const int seeds = 20_000;
        var counts = new int[4];
        for (long seed = 0; seed < seeds; seed++)
            counts[Pool.Draw(seed << 20, round: 1)]++;
        Assert.InRange(ChiSquare(counts, seeds / 4.0), 0, OneInAMillion3);
    }

    [Fact]
    public void The_draw_depends_on_seed_and_round_only()
    {
        int[] draws = [.. Enumerable.Range(1, 50).Select(round => Pool.Draw(seed: 1, round))];
        AggregationPool others = AggregationPool.Parse("fedrandom:fedmedian,fedavg,fedavgm:momentum=0.1,fedavgm:momentum=0.2");
        Assert.Equal(draws.Reverse(), Enumerable.Range(1, 50).Reverse().Select(round => others.Draw(seed: 1, round)));
        Assert.NotEqual(draws, Enumerable.Range(1, 50).Select(round => Pool.Draw(seed: 2, round)));
    }

    static double ChiSquare(int[] counts, double expected) => counts.Sum(count => (count - expected) * (count - expected) / expected);
}
