namespace FedValue.Valuation.Sampling;

/// <summary>Where a sampled method stopped when time was among its terms: what there is to know of the time that passed.</summary>
/// <param name="Permutations">How many were drawn.</param>
/// <param name="Converged">Whether more than a budget was met.</param>
public readonly record struct RecordedStop(long Permutations, bool Converged);

/// <summary>No course of time makes a method stop as it is recorded.</summary>
public sealed class ImpossibleStopException(string message) : Exception(message);
