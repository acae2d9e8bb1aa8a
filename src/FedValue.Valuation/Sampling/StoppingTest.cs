using FedValue.Valuation.Methods;

namespace FedValue.Valuation.Sampling;

/// <summary>A stopping rule at work: remembers the ranking from one batch to the next, and when it began.</summary>
sealed class StoppingTest
{
    readonly StoppingRule _rule;
    readonly long _began;
    int[]? _ranking;
    int _stableBatches;

    /// <summary>Begins now.</summary>
    /// <exception cref="ArgumentException">The rule asks for the time, but has neither a clock nor a record.</exception>
    public StoppingTest(StoppingRule rule)
    {
        if (rule is { Condition.HasTimeLimit: true, Clock: null, Recorded: null })
        {
            throw new ArgumentException($"The stop condition '{rule.Condition.Text}' needs a clock, or the number of permutations and the status "
                + "with which sampling stopped before, but there is neither.");
        }
        _rule = rule;
        if (rule is { Condition.HasTimeLimit: true, Clock: { } clock, Recorded: null })
            _began = clock.GetTimestamp();
    }

    /// <summary>Judges the estimates after a batch, by the permutations they cost.</summary>
    /// <param name="permutations">Drawn so far.</param>
    /// <param name="evaluations">Distinct coalitions measured so far.</param>
    /// <param name="values">n numbers.</param>
    /// <param name="standardErrors">n numbers.</param>
    /// <param name="last">Whether the maximum is reached, so that sampling ends here whatever the answer.</param>
    /// <exception cref="ImpossibleStopException">Sampling cannot have stopped as it is recorded.</exception>
    public (bool Stop, bool Converged) Judge(long permutations, long evaluations, double[] values, double[] standardErrors, bool last)
    {
        if (_rule.Condition is not { } condition)
        {
            bool met = _rule.IsMet(permutations, values, standardErrors);
            return (met, met);
        }
        int[] ranking = [.. Enumerable.Range(0, values.Length).OrderByDescending(j => values[j])]; // stable: ties stay in order
        _stableBatches = _ranking is null ? 0 : _ranking.AsSpan().SequenceEqual(ranking) ? _stableBatches + 1 : 0;
        _ranking = ranking;
        var at = new SamplingProgress(
            permutations, evaluations, StoppingRule.Largest(values), StoppingRule.Largest(standardErrors), _stableBatches);
        return !condition.HasTimeLimit ? Answer(condition, at)
            : _rule.Recorded is { } recorded ? Again(condition, at, recorded, last)
            : Answer(condition, at with { Seconds = _rule.Clock!.GetElapsedTime(_began).TotalSeconds });
    }

    (bool Stop, bool Converged) Answer(StopCondition condition, in SamplingProgress at) =>
        at.Permutations < _rule.Minimum ? (false, false) : condition.Judge(at);

    /// <summary>
    /// Stops where it is recorded, if some course of time leads there: before, no time may have passed, because time never lets sampling go
    /// on; there, any of the time limits may have been reached.
    /// </summary>
    (bool Stop, bool Converged) Again(StopCondition condition, SamplingProgress at, RecordedStop recorded, bool last)
    {
        if (at.Permutations < recorded.Permutations)
        {
            return last ? throw Impossible($"at most {at.Permutations} can be drawn")
                : Answer(condition, at).Stop ? throw Impossible($"the condition held after {at.Permutations}, whatever the time")
                : (false, false);
        }
        if (at.Permutations > recorded.Permutations)
            throw Impossible($"sampling goes on by whole batches, the next of which ends at {at.Permutations}");
        foreach (double seconds in condition.TimeLimits.Prepend(0))
        {
            (bool stop, bool converged) = Answer(condition, at with { Seconds = seconds });
            if ((stop || last) && recorded.Status == (converged ? MethodResult.Converged : MethodResult.StoppedAtMaximum))
                return (true, converged);
        }
        throw Impossible("the condition does not allow this there, whatever the time");

        ImpossibleStopException Impossible(string reason) => new($"sampling is recorded to have stopped after {recorded.Permutations} "
            + $"permutations with the status '{recorded.Status}' under '{condition.Text}', but {reason}.");
    }
}
