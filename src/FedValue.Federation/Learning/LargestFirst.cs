using System.Collections.Concurrent;

namespace FedValue.Federation.Learning;

/// <summary>
/// Work of different sizes on several threads: the largest first and one at a time, so that no thread is still at a large one when the others
/// have nothing left.
/// </summary>
public static class LargestFirst
{
    /// <summary>Does the work of every index from 0 to below count once.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="size">About how long one takes, in any unit; equal ones begin in ascending order.</param>
    /// <param name="options">Threads and cancellation.</param>
    /// <param name="work">Takes the index.</param>
    public static void For(int count, Func<int, long> size, ParallelOptions options, Action<int> work) => Parallel.ForEach(
        Partitioner.Create(Enumerable.Range(0, count).OrderByDescending(size), EnumerablePartitionerOptions.NoBuffering), options, work);
}
