using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Valuation.Agreement;

public sealed class MethodAgreementTests
{
    /// <summary>Pearson's formula on a handful of ranks.</summary>
    const double Tolerance = 1e-12;

    static void AssertSpearman(double expected, double[] left, double[] right) =>
        Assert.Equal(expected, MethodAgreement.Spearman(left, right)!.Value, Tolerance);

    [Fact]
    public void Spearman_of_the_same_and_of_the_opposite_order()
    {
        AssertSpearman(1, [1, 2, 3, 4], [10, 20, 300, 4000]);
        AssertSpearman(-1, [1, 2, 3, 4], [4, 0, -1, -100]);
        AssertSpearman(1, [1, 2], [5, 6]);
    }

    [Fact]
    public void Spearman_by_hand_without_ties() =>
        AssertSpearman(1 - 6.0 * (1 + 1 + 1 + 1) / (5 * 24), [1, 2, 3, 4, 5], [2, 1, 4, 3, 5]); // 1 - 6 sum d^2 / (n (n^2 - 1))

    [Fact]
    public void Spearman_by_hand_with_ties()
    {
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5 (all times 4).
        AssertSpearman(4.5 / Math.Sqrt(4.5 * 5), [1, 7, 7, 9], [3, 4, 5, 6]);
        AssertSpearman(4.5 / Math.Sqrt(4.5 * 5), [3, 4, 5, 6], [1, 7, 7, 9]);
        AssertSpearman(0, [1, 1, 2, 2], [1, 2, 1, 2]);
        AssertSpearman(1, [1, 1, 2, 2], [5, 5, 6, 6]);
    }

    [Fact]
    public void Spearman_is_undefined_for_a_single_value_or_equal_ones()
    {
        Assert.Null(MethodAgreement.Spearman([], []));
        Assert.Null(MethodAgreement.Spearman([1], [2]));
        Assert.Null(MethodAgreement.Spearman([1, 1, 1], [1, 2, 3]));
        Assert.Null(MethodAgreement.Spearman([1, 2, 3], [0.1, 0.1, 0.1]));
    }

    [Fact]
    public void Values_that_differ_by_rounding_only_are_tied()
    {
        Assert.Null(MethodAgreement.Spearman([1, 2], [0.8803232297703507, 0.8803232297703496]));
        AssertSpearman(
            MethodAgreement.Spearman([1, 2, 3], [1, 1, 2])!.Value, [1, 2, 3], [1, Math.BitDecrement(1), 2]);
        AssertSpearman(1, [1, 2, 3], [1, 1 + 1e-6, 2]);
        Assert.Null(MethodAgreement.Spearman([1, 2, 3], [0, 0, 0]));
    }

    [Fact]
    public void Few_participants_say_little_about_a_rank_correlation()
    {
        Assert.True(MethodAgreement.CriticalSpearman(3) > 1);
        Assert.InRange(MethodAgreement.CriticalSpearman(8), 0.6, 0.65); // exact: 0.643
        Assert.InRange(MethodAgreement.CriticalSpearman(30), 0.3, 0.31); // exact: 0.306
    }

    [Fact]
    public void The_largest_share_difference_by_hand()
    {
        Assert.Equal(0.5, MethodAgreement.LargestShareDifference([1, 1, 2], [1, 1, 0])!.Value, Tolerance);
        Assert.Equal(0.25, MethodAgreement.LargestShareDifference([3, -5, 1], [1, 0, 1])!.Value, Tolerance); // 3/4, 0, 1/4 and 1/2, 0, 1/2
        Assert.Equal(0, MethodAgreement.LargestShareDifference([1, 2, 3], [10, 20, 30])!.Value, Tolerance);
        Assert.Equal(1, MethodAgreement.LargestShareDifference([1, 0], [0, 1])!.Value, Tolerance);
    }

    [Fact]
    public void Without_a_positive_value_there_are_no_shares()
    {
        Assert.Null(MethodAgreement.LargestShareDifference([0, -1], [1, 1]));
        Assert.Null(MethodAgreement.LargestShareDifference([1, 1], [0, 0]));
        Assert.Null(MethodAgreement.LargestShareDifference([], []));
    }

    [Fact]
    public void The_area_under_the_curve_by_hand()
    {
        Assert.Equal(1, MethodAgreement.AreaUnderCurve([1, 2, 3, 4], [true, true, false, false]));
        Assert.Equal(0, MethodAgreement.AreaUnderCurve([1, 2, 3, 4], [false, false, true, true]));
        Assert.Equal(0.75, MethodAgreement.AreaUnderCurve([1, 3, 2, 4], [true, true, false, false])); // three of four pairs
        Assert.Equal(0.5, MethodAgreement.AreaUnderCurve([7, 7, 7], [true, false, false]));
        Assert.Equal(0.875, MethodAgreement.AreaUnderCurve([1, 2, 2, 4], [true, true, false, false])); // a tie counts half
    }

    [Fact]
    public void The_area_is_undefined_when_nobody_or_everybody_is_marked()
    {
        Assert.Null(MethodAgreement.AreaUnderCurve([1, 2], [false, false]));
        Assert.Null(MethodAgreement.AreaUnderCurve([1, 2], [true, true]));
        Assert.Null(MethodAgreement.AreaUnderCurve([], []));
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MethodAgreement.Spearman([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => MethodAgreement.LargestShareDifference([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => MethodAgreement.AreaUnderCurve([1], [true, false]));
    }
}
