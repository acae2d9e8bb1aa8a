namespace FedValue.Valuation.Specs;

/// <summary>One numeric setting of an aggregator or a method.</summary>
/// <param name="Name">Its name in a spec.</param>
/// <param name="Default">Its value where the spec does not give it.</param>
/// <param name="Range">What it must be, in words that follow "must be".</param>
/// <param name="Allows">Whether a finite value is in range.</param>
public sealed record Setting(string Name, double Default, string Range, Func<double, bool> Allows)
{
    /// <summary>A number above 0.</summary>
    public static Setting Positive(string name, double value) => new(name, value, "positive", v => v > 0);

    /// <summary>A number of 0 or more.</summary>
    public static Setting NotNegative(string name, double value) => new(name, value, "0 or more", v => v >= 0);

    /// <summary>A number in [0, 1).</summary>
    public static Setting Decay(string name, double value) => new(name, value, "0 or more and below 1", v => v is >= 0 and < 1);

    /// <summary>A number in (0, 1].</summary>
    public static Setting Share(string name, double value) => new(name, value, "above 0 and at most 1", v => v is > 0 and <= 1);

    /// <summary>A whole number from a smallest one to a million.</summary>
    public static Setting Count(string name, int value, int smallest = 0) => new(
        name, value, $"a whole number from {smallest} to 1000000", v => v >= smallest && v <= 1_000_000 && v == Math.Floor(v));

    /// <summary>A switch: 0 or 1.</summary>
    public static Setting Switch(string name, bool value) => new(name, value ? 1 : 0, "0 or 1", v => v is 0 or 1);
}
