using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Valuation.Agreement;

public sealed class ShareDistanceTests
{
    [Fact]
    public void Shares_divide_by_the_sum_and_may_be_negative() => Assert.Equal([1.5, -0.5], ShareDistance.Shares([3, -1])!);

    [Fact]
    public void Positive_shares_count_a_negative_value_as_nothing() => Assert.Equal([0.75, 0, 0.25], ShareDistance.PositiveShares([3, -9, 1])!);

    [Theory]
    [InlineData(1.0, -1.0)]
    [InlineData(1.0, -2.0)]
    [InlineData(0.0, 0.0)]
    public void Without_a_sum_above_zero_there_are_no_shares(double first, double second) => Assert.Null(ShareDistance.Shares([first, second]));

    [Fact]
    public void Without_a_positive_value_there_are_no_positive_shares() => Assert.Null(ShareDistance.PositiveShares([-1, 0]));

    [Fact]
    public void Distances_by_hand()
    {
        double[] left = [0.5, 0.25, 0.25], right = [0, 0.5, 0.5];
        Assert.Equal(0.25 + 0.0625 + 0.0625, ShareDistance.SquaredEuclidean(left, right));
        Assert.Equal(0.5, ShareDistance.Chebyshev(left, right));
        Assert.Equal(1, ShareDistance.Absolute(left, right));
        Assert.Throws<ArgumentException>(() => ShareDistance.Chebyshev(left, [1]));
    }

    /// <summary>The last row of Table II of arXiv 2405.08044v4.</summary>
    [Theory]
    [InlineData(3, 1, "16.67")]
    [InlineData(3, 10, "2.15")]
    [InlineData(3, 100, "0.22")]
    [InlineData(5, 1, "13.33")]
    [InlineData(5, 10, "1.57")]
    [InlineData(5, 100, "0.16")]
    public void Lemma_1_gives_the_printed_row(int participants, double alpha, string printed) =>
        Assert.Equal(printed, (100 * ShareDistance.ExpectedOfEqual(participants, alpha)).ToString("F2"));
}
