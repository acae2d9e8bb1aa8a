namespace FedValue.Orleans.Tests;

/// <summary>Time that passes when a test says so.</summary>
sealed class MovedTime : TimeProvider
{
    long _ticks;

    /// <summary>How much has passed.</summary>
    public TimeSpan Passed
    {
        set => Volatile.Write(ref _ticks, value.Ticks);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);
}
