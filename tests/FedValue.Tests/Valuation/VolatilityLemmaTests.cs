using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Valuation;

/// <summary>
/// Lemma 1 of "the volatility paper" (arXiv 2405.08044v4): when n data sizes are drawn from a symmetric Dirichlet distribution, paying
/// everybody the same is (n - 1) / (n^2 alpha + n) away from paying by size, in expected squared Euclidean distance.
/// </summary>
public sealed class VolatilityLemmaTests
{
    static double Distance(int n, double alpha) => (n - 1) / (n * n * alpha + n);

    [Fact]
    public void The_formula_gives_the_numbers_of_the_table()
    {
        (int N, double Alpha, string Printed)[] table =
        [
            (3, 1, "0.1667"), (3, 10, "0.0215"), (3, 100, "0.0022"), (5, 1, "0.1333"), (5, 10, "0.0157"), (5, 100, "0.0016"),
        ];
        foreach ((int n, double alpha, string printed) in table)
            Assert.Equal(printed, Distance(n, alpha).ToString("F4"));
    }

    /// <summary>Four standard errors: of a right generator the six means fail with probability 4e-4; the seed is fixed.</summary>
    [Fact]
    public void Drawn_sizes_are_that_far_from_equal_shares_on_average()
    {
        const int draws = 20_000;
        foreach (int n in new[] { 3, 5 })
        {
            foreach (double alpha in new[] { 1.0, 10, 100 })
            {
                var random = new RandomStream(seed: 2405, RandomPurpose.Partition, (uint)n, (uint)alpha);
                double[] distances = new double[draws];
                for (int i = 0; i < draws; i++)
                    distances[i] = random.NextDirichlet(alpha, n).Sum(share => (share - 1.0 / n) * (share - 1.0 / n));
                double mean = distances.Average();
                double error = Math.Sqrt(distances.Sum(d => (d - mean) * (d - mean)) / (draws - 1) / draws);
                double expected = Distance(n, alpha);
                Assert.True(Math.Abs(mean - expected) <= 4 * error, $"n = {n}, alpha = {alpha}: {mean:R}, not {expected:R}.");
            }
        }
    }
}
