using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class ChunkedSumTests
{
    [Fact]
    public void Chunks_are_added_in_their_order_however_long_each_takes()
    {
        const int length = 35 * TileSchedule.TileLength;
        double[] terms = Samples.Doubles(35, 1);
        double[] Sum(int threads, int run) => ChunkedSum.Of(length, 1, threads, run, () => (tiles, sum) =>
        {
            Assert.InRange(tiles.End - tiles.First, 1, run);
            for (int tile = tiles.First; tile < tiles.End; tile++)
            {
                if (tile % 5 == 0)
                    Thread.Sleep(1);
                sum[0] += terms[tile];
            }
        });
        double expected = 0;
        for (int chunk = 0; chunk < 16; chunk++)
        {
            double part = 0;
            for (int tile = chunk * 35 / 16; tile < (chunk + 1) * 35 / 16; tile++)
                part += terms[tile];
            expected += part;
        }
        foreach (int threads in new[] { 1, 2, 3, 16, 40 })
        {
            foreach (int run in new[] { 1, 2, 3, 40 })
                Bits.Equal([expected], Sum(threads, run), $"{threads} threads, {run} tiles at once");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task One_slow_chunk_stops_nobody_for_ever(int threads)
    {
        double[] terms = Samples.Doubles(16, 1);
        for (int slow = 0; slow < 16; slow++)
        {
            int last = slow;
            Task<double[]> sum = Task.Run(() => ChunkedSum.Of(16 * TileSchedule.TileLength, 1, threads, run: 1, () => (tiles, sum) =>
            {
                if (tiles.First == last)
                    Thread.Sleep(5);
                sum[0] += terms[tiles.First];
            }));
            Bits.Equal([terms.Aggregate((total, term) => total + term)], await sum.WaitAsync(TimeSpan.FromMinutes(1)), $"chunk {slow}");
        }
    }

    [Fact]
    public async Task Vectors_and_chunks_are_handed_out_together()
    {
        const int chunks = 3;
        var total = new TotalInTurn(sums: 1, chunks, vectors: 2);
        Assert.True(total.TryTake(out int first, out double[]? slow));
        Assert.True(total.TryTake(out int second, out double[]? quick));
        Assert.Equal((0, 1), (first, second));
        quick[0] = 5;
        total.Add(second, quick); // waits for the first chunk, and so does its vector
        Task<(bool Taken, int Chunk)> third = Task.Run(() => (total.TryTake(out int chunk, out double[]? sum) && sum[0] == 0, chunk));
        slow[0] = 7;
        await Task.Delay(20);
        Assert.False(third.IsCompleted);
        total.Add(first, slow);
        Assert.Equal((true, 2), await third.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.False(total.TryTake(out _, out _));
        Assert.Equal([12], total.Sums);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task An_exception_in_any_tile_reaches_the_caller_and_nobody_waits_forever(int threads)
    {
        for (int bad = 0; bad < 20; bad++)
        {
            int thrown = bad;
            Task<double[]> sum = Task.Run(() => ChunkedSum.Of(20 * TileSchedule.TileLength, 1, threads, run: 1, () => (tiles, _) =>
            {
                if (tiles.First == thrown)
                    throw new FormatException("of this tile");
            }));
            Assert.IsType<FormatException>(
                Assert.Single((await Assert.ThrowsAsync<AggregateException>(() => sum.WaitAsync(TimeSpan.FromMinutes(1)))).InnerExceptions));
        }
    }
}
