using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Uncertainty;

/// <summary>The fourth kind of uncertainty: how far values depend on the aggregator.</summary>
public sealed class MemberSpreadTests
{
    [Fact]
    public void The_deviation_has_one_less_than_the_members_below()
    {
        Estimate estimate = Estimate.WithoutInterval([2, 5]).OverMembers([[1, 5], [2, 5], [3, 5]]);
        Assert.Equal([1, 0], estimate.MemberDeviations);
        Assert.Null(estimate.Interval(0));
        Assert.Empty(Estimate.WithoutInterval([2]).OverMembers([[2]]).MemberDeviations);
        Assert.Throws<ArgumentException>(() => Estimate.WithoutInterval([2, 5]).OverMembers([[1]]));
    }

    [Fact]
    public void Rounds_add_by_member_before_the_deviation_is_taken()
    {
        Estimate first = Estimate.WithoutInterval([0.5, 0.5]).OverMembers([[1, 0], [0, 1]]);
        Estimate second = Estimate.WithoutInterval([1, 3]).OverMembers([[0, 2], [2, 4]]);
        Estimate sum = Estimate.Sum(3, [(first, [0, 2]), (second, [0, 1])]);
        Assert.Equal([1.5, 3, 0.5], sum.Values);
        Assert.Equal([1, 2, 0], sum.MemberValues[0]);
        Assert.Equal([2, 4, 1], sum.MemberValues[1]);
        Assert.Equal(Math.Sqrt(0.5), sum.MemberDeviations[0], 1e-15);
        Assert.Equal(Math.Sqrt(2), sum.MemberDeviations[1], 1e-15);
    }

    [Fact]
    public void Rounds_of_different_pools_are_not_added()
    {
        Estimate two = Estimate.WithoutInterval([1]).OverMembers([[1], [1]]), none = Estimate.WithoutInterval([1]);
        Assert.Throws<ArgumentException>(() => Estimate.Sum(1, [(two, [0]), (none, [0])]));
    }
}
