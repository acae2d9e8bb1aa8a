using FedValue.Cli.Reporting;

namespace FedValue.Tests.Cli.Reporting;

public class LineChartTests
{
    [Fact]
    public void Labels_with_room_stay_at_their_lines() => Assert.Equal([90.0, 10.0, 50.0], LineChart.Spread([90, 10, 50], 15, 0, 100));

    [Fact]
    public void Labels_at_one_place_spread_around_it() => Assert.Equal([35.0, 50.0, 65.0], LineChart.Spread([50, 50, 50], 15, 0, 100));

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    [InlineData(52)]
    public void Crowded_labels_keep_their_gap_order_and_limits(double place)
    {
        double[] wanted = [.. Enumerable.Range(0, 6).Select(i => Math.Clamp(place + 0.1 * i, 0, 100))];
        double[] placed = LineChart.Spread(wanted, 15, 0, 100);

        Assert.All(placed, p => Assert.InRange(p, 0, 100 + 1e-9));
        for (int i = 1; i < placed.Length; i++)
            Assert.True(placed[i] - placed[i - 1] >= 15 - 1e-9);
    }
}
