using FedValue.Cli.Reporting;

namespace FedValue.Tests.Cli.Reporting;

public class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1234567, "1,234,567")]
    [InlineData(-12, "−12")]
    public void Counts_have_thousands_and_a_real_minus_sign(long number, string text) => Assert.Equal(text, Figures.Count(number));

    [Theory]
    [InlineData(-0.0004, 3, "0.000")]
    [InlineData(-0.0006, 3, "−0.001")]
    [InlineData(-0.0, 1, "0.0")]
    [InlineData(1234.5, 1, "1,234.5")]
    public void What_rounds_to_zero_has_no_sign(double number, int decimals, string text) =>
        Assert.Equal(text, Figures.Fixed(number, decimals));

    [Fact]
    public void A_share_of_nothing_is_a_dash() => Assert.Equal("-", Figures.Share(0, 0));

    [Theory]
    [InlineData(0, "0.000")]
    [InlineData(0.0002, "< 0.001")]
    [InlineData(1.2346, "1.235")]
    [InlineData(1234.5, "1,234")]
    public void Seconds_show_milliseconds_while_they_matter(double seconds, string text) =>
        Assert.Equal(text, Figures.Seconds(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(1, "p1")]
    [InlineData(2, "p1 and p2")]
    [InlineData(6, "p1, p2, p3, p4, p5 and p6")]
    [InlineData(64, "p1, p2, p3, p4, p5 and 59 others")]
    public void Long_lists_of_names_end_with_a_number(int count, string text) =>
        Assert.Equal(text, Figures.Names([.. Enumerable.Range(1, count).Select(i => $"p{i}")]));

    [Theory]
    [InlineData(new[] { 8.8004, 1.5 }, 1.5, "1.500")]
    [InlineData(new[] { 0.5924, 0.0 }, 0.0403, "0.0403")]
    [InlineData(new[] { -0.012345 }, -0.012345, "−0.01235")]
    [InlineData(new[] { 123456.0 }, 123456.0, "123,456")]
    [InlineData(new[] { 0.0 }, 0.0, "0.000")]
    [InlineData(new[] { 1.5e-12 }, 1.5e-12, "1.50e−12")]
    public void Values_that_are_compared_share_their_decimals(double[] all, double one, string text) =>
        Assert.Equal(text, ValueFormat.For(all).Number(one));

    [Fact]
    public void A_value_without_interval_says_so()
    {
        var format = ValueFormat.For([0.25]);

        Assert.Equal("0.2500 ± 0.0500", format.WithInterval(new RoundValue(0.25, (0.2, 0.3))));
        Assert.Equal("0.2500, no interval", format.WithInterval(new RoundValue(0.25, null)));
        Assert.Equal("took no part", format.WithInterval(null));
    }

    [Fact]
    public void An_axis_has_round_numbers_and_zero()
    {
        Assert.Equal(["−0.5", "0.0", "0.5", "1.0"], Extent.WithZero([-0.58, 1.1]).Ticks(4).Select(tick => tick.Text));
        Assert.Equal(["0", "200,000", "400,000"], Extent.WithZero([492_419]).Ticks(4).Select(tick => tick.Text));
        Assert.Equal(["−1", "0", "1"], Extent.WithZero([0]).Ticks(3).Select(tick => tick.Text));
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(1e-300)]
    public void No_axis_is_too_large_or_too_small(double value) => Assert.InRange(Extent.WithZero([-value, value]).Ticks(4).Count, 0, 12);

    [Theory]
    [InlineData(1, 1, new[] { 1 })]
    [InlineData(1, 5, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(1, 60, new[] { 1, 20, 40, 60 })]
    [InlineData(0, 100, new[] { 0, 50, 100 })]
    public void Rounds_are_labelled_at_both_ends(int first, int last, int[] ticks) => Assert.Equal(ticks, Extent.Rounds(first, last, 4));
}
