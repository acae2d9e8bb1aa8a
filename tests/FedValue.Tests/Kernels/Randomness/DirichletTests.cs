using FedValue.Kernels.Randomness;
using MathNet.Numerics;

namespace FedValue.Tests.Kernels.Randomness;

public sealed class DirichletTests
{
    /// <summary>A sum of n rounded quotients: n roundings of 2^-53 each, and those of the total.</summary>
    const double SumTolerance = 1e-14;

    static double[][] Draw(double alpha, int count, int draws, uint name)
    {
        var random = new RandomStream(seed: 11, RandomPurpose.Partition, name);
        return [.. Enumerable.Range(0, draws).Select(_ => random.NextDirichlet(alpha, count))];
    }

    [Fact]
    public void Shares_are_not_negative_and_sum_to_one()
    {
        foreach (double alpha in new[] { 1e-300, 1e-3, 0.1, 0.5, 1, 10, 1000, 1e6 })
        {
            foreach (int count in new[] { 1, 2, 3, 10, 50 })
            {
                foreach (double[] shares in Draw(alpha, count, 50, (uint)count))
                {
                    Assert.Equal(count, shares.Length);
                    Assert.All(shares, share => Assert.InRange(share, 0, 1));
                    Assert.Equal(1, shares.Sum(), SumTolerance);
                }
            }
        }
    }

    [Fact]
    public void Every_share_has_its_beta_distribution()
    {
        uint name = 100;
        foreach (double alpha in new[] { 0.3, 1, 10 })
        {
            foreach (int count in new[] { 2, 5 })
            {
                double[][] draws = Draw(alpha, count, 10_000, name++);
                for (int i = 0; i < count; i++)
                {
                    double[] shares = [.. draws.Select(draw => draw[i])];
                    Goodness.AssertMean(shares, 1.0 / count, $"alpha {alpha}, share {i} of {count}");
                    Goodness.AssertFollows(shares, x => SpecialFunctions.BetaRegularized(alpha, (count - 1) * alpha, x),
                        $"alpha {alpha}, share {i} of {count}");
                }
            }
        }
    }

    [Fact]
    public void A_tiny_concentration_gives_one_participant_nearly_everything()
    {
        double[][] draws = Draw(1e-3, 4, 5000, 200);
        var winners = new int[4];
        foreach (double[] shares in draws)
            winners[Array.IndexOf(shares, shares.Max())]++;
        Goodness.AssertUniform(winners, "who gets nearly everything");

        // The gap between the two largest of four logarithms is exponential with rate 3 alpha, so below ln 99 with probability 0.0137:
        // 68 of 5,000 expected, and five standard deviations of 8.2 to either side.
        Assert.InRange(draws.Count(shares => shares.Max() < 0.99), 28, 108);
    }
}
