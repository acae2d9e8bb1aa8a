using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Valuation.Agreement;

public sealed class PoolAgreementTests
{
    [Fact]
    public void Shares_are_those_of_the_positive_values()
    {
        Assert.Equal([0.25, 0, 0.75], PoolAgreement.Shares([1, -5, 3])!);
        Assert.Null(PoolAgreement.Shares([0, -1]));
        Assert.Null(PoolAgreement.Shares([]));
    }

    [Fact]
    public void Stability_is_the_mean_absolute_difference_over_pairs()
    {
        double[] a = [1, 0], b = [0, 1], c = [0.5, 0.5];
        Assert.Equal(2, PoolAgreement.MeanPairwiseDistance([a, b]));
        Assert.Equal((2 + 1 + 1) / 3.0, PoolAgreement.MeanPairwiseDistance([a, b, c])!.Value, 1e-15);
        Assert.Equal(0, PoolAgreement.MeanPairwiseDistance([c, c, c]));
        Assert.Null(PoolAgreement.MeanPairwiseDistance([a]));
    }

    [Fact]
    public void Distances_are_squared_Euclidean_and_Chebyshev()
    {
        double[] shares = [0.5, 0.3, 0.2], sizes = [0.2, 0.4, 0.4];
        Assert.Equal(0.09 + 0.01 + 0.04, PoolAgreement.SquaredDistance(shares, sizes), 1e-15);
        Assert.Equal(0.3, PoolAgreement.LargestDistance(shares, sizes), 1e-15);
        Assert.Equal(0, PoolAgreement.LargestDistance([], []));
        Assert.Throws<ArgumentException>(() => PoolAgreement.SquaredDistance(shares, [1]));
    }
}
