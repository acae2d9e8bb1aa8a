using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Games;

public sealed class CoalitionTests
{
    [Fact]
    public void The_same_players_are_the_same_coalition_however_they_came()
    {
        Coalition listed = Coalition.Of(5, 0, 3, 3), grown = Coalition.Of().With(3).With(5).With(0).With(5);
        Assert.Equal(listed, Coalition.OfMask(0b101001));
        Assert.Equal(listed, grown);
        Assert.Equal(listed.GetHashCode(), grown.GetHashCode());
        Assert.True(listed.Equals((object)grown));
        Assert.NotEqual(listed, Coalition.Of(0, 3));
        Assert.False(listed.Equals(null));
    }

    [Fact]
    public void The_empty_coalition_is_one()
    {
        Assert.Equal(Coalition.Of(), Coalition.OfMask(0));
        Assert.Equal(Coalition.Of(), Coalition.Grand(0));
        Assert.Equal(0, Coalition.Of().Count);
        Assert.Empty(Coalition.Of().Members());
        Assert.Equal("{}", Coalition.Of().ToString());
    }

    [Fact]
    public void Members_come_in_ascending_order_across_words()
    {
        Coalition coalition = Coalition.Of(200, 64, 63, 0, 127, 128);
        Assert.Equal([0, 63, 64, 127, 128, 200], coalition.Members());
        Assert.Equal(6, coalition.Count);
        Assert.Equal("{0,63,64,127,128,200}", coalition.ToString());
        for (int player = 0; player < 300; player++)
            Assert.Equal(player is 0 or 63 or 64 or 127 or 128 or 200, coalition.Contains(player));
    }

    [Fact]
    public void With_a_player_changes_a_copy()
    {
        Coalition before = Coalition.Of(1);
        Coalition after = before.With(70);
        Assert.Equal([1], before.Members());
        Assert.Equal([1, 70], after.Members());
    }

    [Fact]
    public void The_grand_coalition_has_everybody()
    {
        foreach (int n in new[] { 1, 63, 64, 65, 130 })
            Assert.Equal(Enumerable.Range(0, n), Coalition.Grand(n).Members());
    }

    [Fact]
    public void There_are_no_negative_players()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Coalition.Of(2, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Coalition.Of(2).With(-1));
        Assert.False(Coalition.OfMask(ulong.MaxValue).Contains(-1));
    }
}
