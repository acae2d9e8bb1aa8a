using FedValue.Cli.Experiments;

namespace FedValue.Tests.Cli.Experiments;

public sealed class RoundWeightsTests
{
    static readonly double[][] Rounds = [[1, 10], [2, 20], [4, -40]];

    [Fact]
    public void A_sum_weighs_all_rounds_alike() => Assert.Equal([7, -10], RoundWeights.Parse("sum").Total(Rounds, 2));

    [Fact]
    public void Halting_at_4_weighs_rounds_by_4_3_and_2_quarters() =>
        Assert.Equal([1 + 0.75 * 2 + 0.5 * 4, 10 + 0.75 * 20 - 0.5 * 40], RoundWeights.Parse("halting:4").Total(Rounds, 2));

    [Fact]
    public void Rounds_after_the_halting_round_weigh_nothing() => Assert.Equal([1, 10], RoundWeights.Parse("halting:1").Total(Rounds, 2));

    [Fact]
    public void With_10_rounds_the_first_weighs_ten_tenths_and_the_last_one_tenth()
    {
        var weights = RoundWeights.Parse("halting:10");
        Assert.Equal(1, weights.Of(0));
        Assert.Equal(0.9, weights.Of(1));
        Assert.Equal(0.1, weights.Of(9));
    }

    [Theory]
    [InlineData("halting")]
    [InlineData("halting:")]
    [InlineData("halting:0")]
    [InlineData("halting:-3")]
    [InlineData("halting:1.5")]
    [InlineData("halting:99999999999")]
    [InlineData("mean")]
    public void Anything_else_is_refused(string text) =>
        Assert.Contains(text, Assert.Throws<FormatException>(() => RoundWeights.Parse(text)).Message);

    [Theory]
    [InlineData("sum")]
    [InlineData("halting:7")]
    public void A_text_is_its_own_spelling(string text) => Assert.Equal(text, RoundWeights.Parse(text).ToString());
}
