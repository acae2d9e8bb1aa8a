namespace FedValue.Orleans.Tests;

/// <summary>
/// A clock for time limits of samplings that stands still. Samplings that have one read it after every batch of permutations, so they can be held
/// in their midst. One for all silos, for a cluster makes its own services; so tests that hold it do not run side by side.
/// </summary>
sealed class HeldSamplingClock : TimeProvider
{
    /// <summary>The tests that hold it.</summary>
    public const string Collection = "held sampling clock";

    volatile Hold? _hold;

    public static HeldSamplingClock Shared { get; } = new();

    /// <summary>Holds whoever reads the clock after some readings; those after it pass.</summary>
    public Hold HoldBack(int after) => _hold = new Hold(after);

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        _hold?.Pass();
        return 0;
    }

    /// <summary>One reading that is held until it is let go.</summary>
    public sealed class Hold(int after) : IDisposable
    {
        readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly ManualResetEventSlim _let = new();
        int _readings;

        /// <summary>Somebody is held.</summary>
        public Task Asked => _asked.Task;

        /// <summary>How often the clock was read.</summary>
        public int Readings => Volatile.Read(ref _readings);

        /// <summary>Lets it go.</summary>
        public void Dispose() => _let.Set();

        internal void Pass()
        {
            if (Interlocked.Increment(ref _readings) != after + 1)
                return;
            _asked.TrySetResult();
            _let.Wait();
        }
    }
}
