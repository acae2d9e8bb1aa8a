using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Valuation.Agreement;

public sealed class DivisionsOfOneTotalTests
{
    [Fact]
    public void Shares_are_those_of_the_positive_values()
    {
        Assert.Equal([0.25, 0, 0.75], ShareDistance.PositiveShares([1, -5, 3])!);
        Assert.Null(ShareDistance.PositiveShares([0, -1]));
        Assert.Null(ShareDistance.PositiveShares([]));
    }

    [Fact]
    public void Stability_is_the_mean_absolute_difference_over_pairs()
    {
        double[] a = [1, 0], b = [0, 1], c = [0.5, 0.5];
        Assert.Equal(2, ShareDistance.MeanPairwise([a, b]));
        Assert.Equal((2 + 1 + 1) / 3.0, ShareDistance.MeanPairwise([a, b, c])!.Value, 1e-15);
        Assert.Equal(0, ShareDistance.MeanPairwise([c, c, c]));
        Assert.Null(ShareDistance.MeanPairwise([a]));
    }

    [Fact]
    public void Distances_are_squared_Euclidean_and_Chebyshev()
    {
        double[] shares = [0.5, 0.3, 0.2], sizes = [0.2, 0.4, 0.4];
        Assert.Equal(0.09 + 0.01 + 0.04, ShareDistance.SquaredEuclidean(shares, sizes), 1e-15);
        Assert.Equal(0.3, ShareDistance.Chebyshev(shares, sizes), 1e-15);
        Assert.Equal(0, ShareDistance.Chebyshev([], []));
        Assert.Throws<ArgumentException>(() => ShareDistance.SquaredEuclidean(shares, [1]));
    }
}
