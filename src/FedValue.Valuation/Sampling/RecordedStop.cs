namespace FedValue.Valuation.Sampling;

/// <summary>Where a sampled method stopped when time was among its terms: what there is to know of the time that passed.</summary>
/// <param name="Permutations">How many were drawn.</param>
/// <param name="Status">The status of the method's result.</param>
public readonly record struct RecordedStop(long Permutations, string Status);

/// <summary>No course of time makes a method stop as it is recorded.</summary>
public sealed class ImpossibleStopException(string message) : Exception(message);
