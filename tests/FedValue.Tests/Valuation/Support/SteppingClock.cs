namespace FedValue.Tests.Valuation.Support;

/// <summary>A clock that moves on by one step, in seconds, every time somebody looks at it.</summary>
sealed class SteppingClock(long step = 1) : TimeProvider
{
    long _now, _looks;

    /// <summary>How often it was looked at.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    public override long TimestampFrequency => 1;

    public override long GetTimestamp()
    {
        Interlocked.Increment(ref _looks);
        return Interlocked.Add(ref _now, step);
    }

    public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("A time limit counts what passes; no date matters to it.");
}
