namespace FedValue.Valuation.Sampling;

/// <summary>
/// When a sampled method stops: at least <paramref name="Minimum"/> samples, at most <paramref name="Maximum"/>, and in between as soon as
/// the largest standard error is at most <paramref name="Tolerance"/> times the largest absolute value.
/// </summary>
/// <param name="Minimum">2 or more samples.</param>
/// <param name="Maximum">The minimum or more.</param>
/// <param name="Tolerance">0 or more; 0 runs to the maximum unless every error is exactly 0.</param>
public readonly record struct StoppingRule(int Minimum, int Maximum, double Tolerance)
{
    /// <summary>What is wrong with the rule, as a sentence; null when nothing is.</summary>
    public string? Problem() =>
        Minimum < 2 ? $"At least 2 permutations are needed for a standard error, but a minimum of {Minimum} came."
        : Maximum < Minimum ? $"The maximum of permutations must be at least the minimum {Minimum}, but {Maximum} came."
        : !(Tolerance >= 0) || double.IsInfinity(Tolerance) ? $"The tolerance must be a number of 0 or more, but {Tolerance} came."
        : null;

    /// <summary>Whether the estimates are precise enough.</summary>
    public bool IsMet(long samples, ReadOnlySpan<double> values, ReadOnlySpan<double> standardErrors)
    {
        if (samples < Minimum)
            return false;
        double largestValue = 0, largestError = 0;
        for (int i = 0; i < values.Length; i++)
        {
            largestValue = Math.Max(largestValue, Math.Abs(values[i]));
            largestError = Math.Max(largestError, standardErrors[i]);
        }
        return largestError <= Tolerance * largestValue;
    }
}
