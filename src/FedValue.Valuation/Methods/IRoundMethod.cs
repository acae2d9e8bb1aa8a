using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// A way to say what each update of a round was worth. Stateless: what it remembers comes with the evidence; higher is better; values of
/// rounds add up.
/// </summary>
public interface IRoundMethod
{
    /// <summary>What it is.</summary>
    MethodInfo Info { get; }

    /// <summary>
    /// Values the round's participants, in their canonical order. Pure, but for <see cref="RoundEvidence.Clock"/>: the same evidence gives the
    /// same bits.
    /// </summary>
    MethodResult Value(RoundEvidence round, CancellationToken cancellation = default);
}

/// <summary>One method's values of one round.</summary>
/// <param name="Estimate">Values, errors and replicates, one per participant of the round.</param>
/// <param name="Evaluations">How many coalition utilities were measured for it; 0 when a table was there already.</param>
/// <param name="Permutations">How many permutations, or samples in their place, were drawn.</param>
/// <param name="Status"><see cref="Exact"/>, <see cref="Converged"/>, <see cref="StoppedAtMaximum"/> or <see cref="Truncated"/>.</param>
/// <param name="Memory">
/// What the method will remember of the round's participants in their next round: n rows of one width; null for a method without memory.
/// </param>
public sealed record MethodResult(
    Estimate Estimate, long Evaluations = 0, long Permutations = 0, string Status = MethodResult.Exact,
    IReadOnlyList<double[]>? Memory = null)
{
    /// <summary>No sampling: the values are what the formula says.</summary>
    public const string Exact = "exact";

    /// <summary>Sampled until the tolerance was reached.</summary>
    public const string Converged = "converged";

    /// <summary>Sampled until the maximum was reached before the tolerance.</summary>
    public const string StoppedAtMaximum = "stopped-at-maximum";

    /// <summary>The method's rule leaves this round out: all values are 0 and nothing is known about them.</summary>
    public const string Truncated = "truncated";
}
