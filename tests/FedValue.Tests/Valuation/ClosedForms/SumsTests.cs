using FedValue.Valuation.ClosedForms;

namespace FedValue.Tests.Valuation.ClosedForms;

public sealed class SumsTests
{
    [Fact]
    public void A_compensated_sum_keeps_what_a_plain_sum_loses()
    {
        Assert.Equal(0, Sums.Compensated([]));
        Assert.Equal(2, Sums.Compensated([1, 1e100, 1, -1e100])); // Neumaier's own example: a plain sum gives 0
        Assert.Equal(1e-3, Sums.Compensated([1e16, 1e-3, -1e16]));
        double[] tenths = [.. Enumerable.Repeat(0.1, 1000)];
        Assert.NotEqual(100.0, tenths.Aggregate(0.0, (sum, term) => sum + term));
        Assert.Equal(100.0, Sums.Compensated(tenths));
    }

    [Fact]
    public void What_is_not_finite_stays_so()
    {
        Assert.True(double.IsNaN(Sums.Compensated([1, double.NaN, 2])));
        Assert.False(double.IsFinite(Sums.Compensated([1, double.PositiveInfinity, 2])));
    }
}
