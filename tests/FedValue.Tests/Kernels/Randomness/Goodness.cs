using MathNet.Numerics.Distributions;

namespace FedValue.Tests.Kernels.Randomness;

/// <summary>
/// Tests of fit. Each fails a perfect generator with a probability of one in a million; the seeds are fixed, so it is decided once and for
/// all when the seed is written down.
/// </summary>
static class Goodness
{
    const double FailureProbability = 1e-6;

    /// <summary>Pearson's chi-square test that all cells are equally likely.</summary>
    public static void AssertUniform(IReadOnlyCollection<int> counts, string what) =>
        AssertCells(counts, [.. Enumerable.Repeat(1.0 / counts.Count, counts.Count)], what);

    /// <summary>Pearson's chi-square test of given probabilities.</summary>
    public static void AssertCells(IReadOnlyCollection<int> counts, IReadOnlyList<double> probabilities, string what)
    {
        double draws = counts.Sum();
        double statistic = counts.Zip(probabilities, (count, p) => (count - draws * p) * (count - draws * p) / (draws * p)).Sum();
        double critical = ChiSquared.InvCDF(counts.Count - 1, 1 - FailureProbability);
        Assert.True(statistic < critical, $"{what}: chi-square {statistic:F2} of {counts.Count} cells is above {critical:F2}.");
    }

    /// <summary>Kolmogorov and Smirnov's test that draws follow a distribution; P(D sqrt(n) > x) is about 2 exp(-2 x^2).</summary>
    public static void AssertFollows(double[] draws, Func<double, double> cumulative, string what)
    {
        double[] sorted = [.. draws.Order()];
        double distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double p = cumulative(sorted[i]);
            distance = Math.Max(distance, Math.Max(p - (double)i / sorted.Length, (i + 1.0) / sorted.Length - p));
        }
        double critical = Math.Sqrt(Math.Log(2 / FailureProbability) / 2 / sorted.Length);
        Assert.True(distance < critical, $"{what}: the distance {distance:R} of the distributions is above {critical:R}.");
    }

    /// <summary>A mean within five standard errors of the expectation: 6e-7 for a sum of many draws.</summary>
    public static void AssertMean(IReadOnlyCollection<double> draws, double expected, string what)
    {
        double mean = draws.Average();
        double error = Math.Sqrt(draws.Sum(draw => (draw - mean) * (draw - mean)) / (draws.Count - 1) / draws.Count);
        Assert.True(Math.Abs(mean - expected) < 5 * error, $"{what}: the mean {mean:R} is not {expected:R} within 5 x {error:R}.");
    }
}
