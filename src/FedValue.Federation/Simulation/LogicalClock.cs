namespace FedValue.Federation.Simulation;

/// <summary>
/// A simulation's clock: it starts at 1970-01-01 and moves one second when a round opens and at the end, so that no entry holds a real
/// time.
/// </summary>
sealed class LogicalClock : TimeProvider
{
    DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public override DateTimeOffset GetUtcNow() => _now;

    public void Tick() => _now += TimeSpan.FromSeconds(1);
}
