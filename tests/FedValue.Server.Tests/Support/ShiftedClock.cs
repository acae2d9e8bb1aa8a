namespace FedValue.Server.Tests.Support;

/// <summary>A clock that can be set forward; timers run as always.</summary>
sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
