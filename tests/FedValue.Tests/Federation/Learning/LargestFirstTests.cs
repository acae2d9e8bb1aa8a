using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

public class LargestFirstTests
{
    static readonly long[] Sizes = [3, 7, 3, 0, 9, 7];

    [Fact]
    public void The_largest_begin_first_and_equal_ones_in_their_order()
    {
        var begun = new List<int>();
        LargestFirst.For(Sizes.Length, i => Sizes[i], new ParallelOptions { MaxDegreeOfParallelism = 1 }, begun.Add);
        Assert.Equal([4, 1, 5, 0, 2, 3], begun);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 4)]
    [InlineData(1000, 4)]
    public void Every_index_comes_once_on_any_number_of_threads(int count, int threads)
    {
        var times = new int[count];
        LargestFirst.For(count, i => i * 7 % 13, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => Interlocked.Increment(ref times[i]));
        Assert.All(times, n => Assert.Equal(1, n));
    }

    [Fact]
    public void Cancellation_stops_what_has_not_begun()
    {
        var options = new ParallelOptions { CancellationToken = new CancellationToken(canceled: true) };
        Assert.Throws<OperationCanceledException>(() => LargestFirst.For(3, _ => 1, options, _ => Assert.Fail("It was cancelled before.")));
    }
}
