namespace FedValue.Tests.Client;

/// <summary>A clock on which waits of up to a minute are over at once, and longer ones never: it notes how long was waited.</summary>
sealed class ImpatientClock(DateTimeOffset start) : TimeProvider
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    TimeSpan _passed;

    public TimeSpan Passed
    {
        get
        {
            lock (_lock)
                return _passed;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start + Passed;

    public override long GetTimestamp() => Passed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime > Longest)
            return new Timer();
        lock (_lock)
            _passed += dueTime;
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Timer();
    }

    sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
