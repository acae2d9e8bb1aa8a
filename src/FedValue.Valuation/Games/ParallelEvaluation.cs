using System.Runtime.ExceptionServices;

namespace FedValue.Valuation.Games;

static class ParallelEvaluation
{
    /// <summary>Runs independent evaluations; the first failure comes out as itself, not wrapped.</summary>
    public static void Run(int count, int threads, CancellationToken cancellation, Action<int> evaluate)
    {
        cancellation.ThrowIfCancellationRequested(); // Parallel.For does not look where there is nothing to do, as for a sampler that knows all
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, evaluate);
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}
