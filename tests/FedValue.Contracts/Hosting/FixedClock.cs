namespace FedValue.Contracts.Hosting;

/// <summary>A clock that stands still, so that two runs write the same entries.</summary>
public sealed class FixedClock : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);
}
