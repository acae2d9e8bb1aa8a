using FedValue.Kernels.Randomness;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace FedValue.Tests.Kernels.Randomness;

public sealed class DistributionTests
{
    const int Draws = 60_000;

    static double[] Draw(uint name, Func<RandomStream, double> next, int count = Draws)
    {
        var random = new RandomStream(seed: 42, RandomPurpose.Split, name);
        return [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }

    [Fact]
    public void Integers_are_uniform()
    {
        foreach (int bound in new[] { 2, 3, 7, 10, 100 })
        {
            var counts = new int[bound];
            foreach (double draw in Draw((uint)bound, random => random.NextInteger(bound)))
                counts[(int)draw]++;
            Goodness.AssertUniform(counts, $"bound {bound}");
        }
    }

    [Fact]
    public void Integers_are_uniform_where_scaling_alone_would_be_biased()
    {
        // 2^32 is 8/3 of this bound: without rejection two of three remainders would have 3 of 8 chances each, and one 2 of 8.
        const int bound = 3 << 29;
        var counts = new int[3];
        foreach (double draw in Draw(1, random => random.NextInteger(bound)))
            counts[(int)draw % 3]++;
        Goodness.AssertUniform(counts, "remainders of three");
    }

    [Fact]
    public void Doubles_are_uniform_multiples_of_two_to_the_minus_53_below_one()
    {
        double[] draws = Draw(2, random => random.NextDouble());
        Assert.All(draws, draw => Assert.True(draw is >= 0 and < 1 && Math.ScaleB(draw, 53) % 1 == 0));
        Assert.Contains(draws, draw => Math.ScaleB(draw, 53) % 2 == 1); // the last bit is used
        Goodness.AssertFollows(draws, x => x, "doubles");
        Goodness.AssertFollows([.. draws.Select(draw => Math.ScaleB(draw, 26) % 1)], x => x, "low halves of doubles");
        Assert.All(Draw(3, random => random.NextPositiveDouble()), draw => Assert.True(draw is > 0 and < 1));
    }

    [Fact]
    public void Normal_draws_are_normal_and_neighbours_do_not_depend_on_each_other()
    {
        double[] draws = Draw(4, random => random.NextNormal());
        Goodness.AssertFollows(draws, x => Normal.CDF(0, 1, x), "normal draws");
        Goodness.AssertMean(draws, 0, "mean");
        Goodness.AssertMean([.. draws.Select(x => x * x)], 1, "variance");
        Goodness.AssertMean([.. draws.Select(x => x * x * x * x)], 3, "fourth moment");
        Goodness.AssertMean([.. draws.Zip(draws.Skip(1), (x, y) => x * y)], 0, "covariance of neighbours");
        Goodness.AssertMean([.. draws.Zip(draws.Skip(1), (x, y) => (x * x - 1) * (y * y - 1))], 0, "covariance of their squares");
    }

    [Fact]
    public void Gamma_draws_have_the_distribution_mean_and_variance_of_their_shape()
    {
        uint name = 10;
        foreach (double shape in new[] { 0.1, 0.5, 0.999, 1, 1.5, 3, 100 })
        {
            double[] draws = Draw(name++, random => Math.Exp(random.NextLogGamma(shape)), 30_000);
            Goodness.AssertFollows([.. draws.Select(x => Math.Log(x))], l => CumulativeLogGamma(shape, l), $"shape {shape}");
            Goodness.AssertMean(draws, shape, $"mean of shape {shape}");
            Goodness.AssertMean([.. draws.Select(x => (x - shape) * (x - shape))], shape, $"variance of shape {shape}");
        }
    }

    [Fact]
    public void The_logarithm_of_a_gamma_draw_of_tiny_shape_does_not_underflow()
    {
        const double shape = 1e-3;
        double[] draws = Draw(20, random => random.NextLogGamma(shape), 30_000);
        Assert.All(draws, draw => Assert.True(double.IsFinite(draw)));
        Goodness.AssertFollows(draws, l => CumulativeLogGamma(shape, l), "logarithms");
    }

    /// <summary>P(ln X &lt; l); for small e^l its first term, e^(shape * l) / Gamma(1 + shape), which is right to e^l.</summary>
    static double CumulativeLogGamma(double shape, double l) => l < -25
        ? Math.Exp(shape * l - SpecialFunctions.GammaLn(1 + shape))
        : SpecialFunctions.GammaLowerRegularized(shape, Math.Exp(l));

    [Fact]
    public void Shuffles_of_three_and_four_items_are_uniform()
    {
        foreach (int items in new[] { 3, 4 })
        {
            var random = new RandomStream(seed: 42, RandomPurpose.Permutation, (uint)items);
            var counts = new Dictionary<string, int>();
            for (int i = 0; i < Draws; i++)
            {
                string order = string.Concat(random.NextPermutation(items));
                counts[order] = counts.GetValueOrDefault(order) + 1;
            }
            Assert.Equal(items == 3 ? 6 : 24, counts.Count);
            Goodness.AssertUniform(counts.Values, $"{items} items");
        }
    }
}
