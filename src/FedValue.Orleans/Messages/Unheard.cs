namespace FedValue.Orleans.Messages;

/// <summary>Questions that got no answer because a silo was lost: what was asked for may have been done, and asking again does no harm.</summary>
static class Unheard
{
    /// <summary>How often in a row no answer may come before the caller hears of it: another silo takes the grains of one that was lost.</summary>
    public const int Max = 150;

    public static bool Is(Exception failure) => failure is OrleansException or TimeoutException;
}
