namespace FedValue.Valuation.Sampling;

/// <summary>
/// When a sampled method stops: at least <paramref name="Minimum"/> samples, at most <paramref name="Maximum"/>, and in between as soon as
/// the largest standard error is at most <paramref name="Tolerance"/> times the largest absolute value, or as soon as
/// <see cref="Condition"/> holds where there is one.
/// </summary>
/// <param name="Minimum">2 or more samples.</param>
/// <param name="Maximum">The minimum or more.</param>
/// <param name="Tolerance">0 or more; 0 runs to the maximum unless every error is exactly 0.</param>
public readonly record struct StoppingRule(int Minimum, int Maximum, double Tolerance)
{
    /// <summary>Takes the place of the tolerance; null: the tolerance counts.</summary>
    public StopCondition? Condition { get; init; }

    /// <summary>What time terms of the condition go by; null where there are none, or where <see cref="Recorded"/> takes its place.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where a condition with time terms stopped before: sampling stops there again. Without time terms it changes nothing.</summary>
    public RecordedStop? Recorded { get; init; }

    /// <summary>What is wrong with the rule, as a sentence; null when nothing is.</summary>
    public string? Problem() =>
        Minimum < 2 ? $"At least 2 permutations are needed for a standard error, but a minimum of {Minimum} came."
        : Maximum < Minimum ? $"The maximum of permutations must be at least the minimum {Minimum}, but {Maximum} came."
        : !(Tolerance >= 0) || double.IsInfinity(Tolerance) ? $"The tolerance must be a number of 0 or more, but {Tolerance} came."
        : null;

    /// <summary>Whether the estimates are precise enough for the tolerance.</summary>
    public bool IsMet(long samples, ReadOnlySpan<double> values, ReadOnlySpan<double> standardErrors) =>
        samples >= Minimum && Largest(standardErrors) <= Tolerance * Largest(values);

    internal static double Largest(ReadOnlySpan<double> numbers)
    {
        double largest = 0;
        foreach (double number in numbers)
            largest = Math.Max(largest, Math.Abs(number));
        return largest;
    }
}
