using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class TileScheduleTests
{
    [Fact]
    public void Tiles_cover_every_element_once_and_in_order()
    {
        foreach (int length in new[] { 0, 1, 2047, 2048, 2049, 5000, 16 * 2048, 16 * 2048 + 1, 100_000, 1_000_003 })
        {
            var schedule = new TileSchedule(length);
            int next = 0, nextTile = 0;
            for (int chunk = 0; chunk < schedule.Chunks; chunk++)
            {
                (int first, int end) = schedule.TilesOf(chunk);
                Assert.Equal(nextTile, first);
                Assert.True(end > first, $"Chunk {chunk} of {length} elements is empty.");
                for (int tile = first; tile < end; tile++)
                {
                    (int start, int count) = schedule.ElementsOf(tile);
                    Assert.Equal(next, start);
                    Assert.InRange(count, 1, TileSchedule.TileLength);
                    next += count;
                }
                nextTile = end;
            }
            Assert.Equal((schedule.Tiles, length), (nextTile, next));
        }
    }

    [Fact]
    public void There_are_at_most_sixteen_chunks_of_nearly_the_same_size()
    {
        Assert.Equal(0, new TileSchedule(0).Chunks);
        Assert.Equal(3, new TileSchedule(3 * 2048).Chunks);
        var schedule = new TileSchedule(100 * 2048);
        Assert.Equal(16, schedule.Chunks);
        int[] sizes = [.. Enumerable.Range(0, 16).Select(schedule.TilesOf).Select(chunk => chunk.End - chunk.First)];
        Assert.Equal((6, 7), (sizes.Min(), sizes.Max()));
    }

    [Fact]
    public void The_longest_array_has_a_schedule()
    {
        var schedule = new TileSchedule(Array.MaxLength);
        Assert.Equal(1_048_576, schedule.Tiles);
        Assert.Equal(schedule.Tiles, schedule.TilesOf(15).End);
        (int start, int length) = schedule.ElementsOf(schedule.Tiles - 1);
        Assert.Equal(Array.MaxLength, start + length);
        (start, length) = schedule.ElementsOf(new TileRun(schedule.Tiles - 4, schedule.Tiles));
        Assert.Equal((1_048_572 * TileSchedule.TileLength, Array.MaxLength), (start, start + length));
    }
}
