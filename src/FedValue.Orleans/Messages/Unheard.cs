namespace FedValue.Orleans.Messages;

/// <summary>
/// Questions that get no answer because a silo was lost: what was asked for may have been done, and asking again does no harm. For one asker.
/// </summary>
/// <param name="time">How long it takes; null: the time that really passes.</param>
sealed class Unheard(TimeProvider? time = null)
{
    /// <summary>How long no answer may come before the caller hears of it: another silo takes the grains of one that was lost.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    readonly TimeProvider _time = time ?? TimeProvider.System;
    long? _since;

    public static bool Is(Exception failure) => failure is OrleansException or TimeoutException;

    /// <summary>Whether this failure says that nobody answered, and nobody has for no longer than it takes.</summary>
    public bool Bears(Exception failure)
    {
        if (!Is(failure))
            return false;
        _since ??= _time.GetTimestamp();
        return _time.GetElapsedTime(_since.Value) < Longest;
    }

    /// <summary>Somebody has answered.</summary>
    public void Heard() => _since = null;
}
