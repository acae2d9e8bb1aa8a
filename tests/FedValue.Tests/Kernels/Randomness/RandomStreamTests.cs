using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Kernels.Randomness;

public sealed class RandomStreamTests
{
    static uint[] Draw(long seed, RandomPurpose purpose, uint a, uint b)
    {
        var random = new RandomStream(seed, purpose, a, b);
        return [.. Enumerable.Range(0, 8).Select(_ => random.NextBits())];
    }

    [Fact]
    public void The_same_name_gives_the_same_numbers() =>
        Assert.Equal(Draw(-5, RandomPurpose.Cohort, 3, 4), Draw(-5, RandomPurpose.Cohort, 3, 4));

    [Fact]
    public void Streams_of_different_names_share_no_number()
    {
        uint[][] draws =
        [
            Draw(1, RandomPurpose.Split, 0, 0), Draw(2, RandomPurpose.Split, 0, 0), Draw(1 + (1L << 32), RandomPurpose.Split, 0, 0),
            Draw(-1, RandomPurpose.Split, 0, 0), Draw(0, RandomPurpose.Split, 0, 0), Draw(long.MinValue, RandomPurpose.Split, 0, 0),
            Draw(1, RandomPurpose.Split, 1, 0), Draw(1, RandomPurpose.Split, 0, 1), Draw(1, RandomPurpose.Split, 1, 1),
            Draw(1, RandomPurpose.Split, uint.MaxValue, 0), Draw(1, RandomPurpose.Split, 0, uint.MaxValue),
            .. Enum.GetValues<RandomPurpose>().Where(purpose => purpose != RandomPurpose.Split).Select(purpose => Draw(1, purpose, 0, 0)),
        ];
        uint[] all = [.. draws.SelectMany(draw => draw)]; // 18 x 8 words of 32 bits: two equal ones by chance have probability 2e-6
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Every_four_draws_are_the_block_of_the_next_counter()
    {
        const long seed = 0x0123456789abcdef;
        var random = new RandomStream(seed, RandomPurpose.Corruption, 7, 9);
        for (uint position = 0; position < 5; position++)
        {
            (uint w0, uint w1, uint w2, uint w3) = Philox.Block(position, (uint)RandomPurpose.Corruption, 7, 9, 0x89abcdef, 0x01234567);
            uint[] drawn = [random.NextBits(), random.NextBits(), random.NextBits(), random.NextBits()];
            Assert.Equal([w0, w1, w2, w3], drawn);
        }
    }

    [Fact]
    public void A_draw_that_makes_no_sense_is_refused()
    {
        var random = new RandomStream(1, RandomPurpose.Split);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInteger(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInteger(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextDirichlet(1, 0));
        foreach (double shape in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => random.NextLogGamma(shape));
            Assert.Throws<ArgumentOutOfRangeException>(() => random.NextDirichlet(shape, 3));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextDirichlet(double.Epsilon, 3)); // its logarithms would overflow
    }

    [Fact]
    public void Bound_one_leaves_only_zero_and_the_largest_bound_stays_inside()
    {
        var random = new RandomStream(1, RandomPurpose.Split);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(0, random.NextInteger(1));
            Assert.InRange(random.NextInteger(int.MaxValue), 0, int.MaxValue - 1);
        }
    }

    [Fact]
    public void A_permutation_holds_every_number_once()
    {
        var random = new RandomStream(1, RandomPurpose.Permutation);
        for (int n = 0; n <= 130; n++)
            Assert.Equal(Enumerable.Range(0, n), random.NextPermutation(n).Order());
    }

    [Fact]
    public void A_shuffle_keeps_the_items()
    {
        string[] items = ["a", "b", "b", "c"];
        new RandomStream(1, RandomPurpose.Split).Shuffle<string>(items);
        Assert.Equal(["a", "b", "b", "c"], items.Order());
    }
}
