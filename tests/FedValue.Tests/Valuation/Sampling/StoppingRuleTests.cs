using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

public sealed class StoppingRuleTests
{
    [Fact]
    public void A_rule_that_makes_no_sense_has_a_problem()
    {
        Assert.Null(new StoppingRule(2, 2, 0).Problem());
        Assert.Null(new StoppingRule(30, 1000, 0.05).Problem());
        Assert.Equal(
            "At least 2 permutations are needed for a standard error, but a minimum of 1 came.", new StoppingRule(1, 5, 0).Problem());
        Assert.Equal("The maximum of permutations must be at least the minimum 5, but 4 came.", new StoppingRule(5, 4, 0).Problem());
        foreach (double tolerance in new[] { -0.1, double.NaN, double.PositiveInfinity })
            Assert.StartsWith("The tolerance must be a number of 0 or more", new StoppingRule(2, 4, tolerance).Problem());
        Assert.NotNull(default(StoppingRule).Problem());
    }

    [Fact]
    public void It_is_met_when_the_largest_error_is_small_beside_the_largest_value()
    {
        var rule = new StoppingRule(10, 100, 0.1);
        Assert.True(rule.IsMet(10, [1, -5], [0.5, 0.1])); // -5 is the largest in magnitude
        Assert.False(rule.IsMet(10, [1, -5], [0.1, 0.51]));
        Assert.False(rule.IsMet(9, [1, -5], [0, 0]));
        Assert.False(rule.IsMet(1000, [1, -5], [1, 1])); // the maximum is the sampler's business
    }

    [Fact]
    public void Tolerance_zero_is_only_met_without_any_error()
    {
        var rule = new StoppingRule(2, 4, 0);
        Assert.True(rule.IsMet(2, [1, 2], [0, 0]));
        Assert.False(rule.IsMet(2, [1, 2], [0, double.Epsilon]));
        Assert.True(rule.IsMet(2, [], []));
        Assert.True(rule.IsMet(2, [0], [0]));
    }
}
