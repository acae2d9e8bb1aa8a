using System.Collections.Immutable;
using FedValue.Ledger.Events;

namespace FedValue.Ledger;

/// <summary>A round between its opening and its payment. Immutable: the next event makes another one.</summary>
/// <param name="Opened">How the round began.</param>
/// <param name="AggregatorState">Blob: the state of the aggregators before the round; null before any round.</param>
/// <param name="Accepted">The accepted updates by participant, in ordinal order.</param>
/// <param name="Aggregated">How the round closed; null while it takes updates.</param>
/// <param name="Valued">What the updates are worth; null before that is known. Its payment must follow at once.</param>
/// <param name="Memory">Blob: what methods remember of participants from the rounds before; null for nothing.</param>
/// <param name="Posted">The payouts of the slices so far; null before the first.</param>
public sealed record RoundState(
    RoundOpened Opened,
    Digest? AggregatorState,
    ImmutableSortedDictionary<string, UpdateAccepted> Accepted,
    RoundAggregated? Aggregated = null,
    RoundValued? Valued = null,
    Digest? Memory = null,
    PayoutsPosted? Posted = null)
{
    /// <summary>1, 2, 3, ...</summary>
    public int Number => Opened.Round;

    internal static RoundState Open(RoundOpened opened, Digest? aggregatorState, Digest? memory) => new(
        opened, aggregatorState, ImmutableSortedDictionary.Create<string, UpdateAccepted>(StringComparer.Ordinal), Memory: memory);

    internal RoundState Accept(UpdateAccepted update, long declaredExamples)
    {
        if (Accepted.ContainsKey(update.Participant))
            throw new LedgerOrderException($"Round {Number} already has an update of '{update.Participant}': one participant, one update.");
        if (update.Examples < 1 || update.Examples > declaredExamples)
        {
            throw new LedgerOrderException(
                $"'{update.Participant}' declared {declaredExamples} examples, so an update may claim 1 to {declaredExamples}, "
                + $"but it claims {update.Examples}.");
        }

        if (update.ClaimedLoss is { } loss && !(double.IsFinite(loss.Value) && loss.Value >= 0))
            throw new LedgerOrderException($"A claimed loss is a finite number of 0 or more, but '{update.Participant}' claims {loss.Value}.");
        if (update.Bytes < 1)
            throw new LedgerOrderException($"An update has at least 1 byte, but that of '{update.Participant}' has {update.Bytes}.");
        return this with { Accepted = Accepted.Add(update.Participant, update) };
    }

    internal RoundState Aggregate(RoundAggregated aggregated)
    {
        if (aggregated.Updates != Accepted.Count)
        {
            throw new LedgerOrderException(
                $"Round {Number} has {Accepted.Count} accepted updates, but it was aggregated from {aggregated.Updates}.");
        }

        return this with { Aggregated = aggregated };
    }

    internal RoundState Value(RoundValued valued, IReadOnlyList<string> methods)
    {
        if (Aggregated is null || Valued is not null)
            throw new LedgerOrderException($"Round {Number} is valued once, after its aggregation.");
        string[] came = [.. valued.Valuations.Select(valuation => valuation.Method)];
        if (!came.SequenceEqual(methods))
        {
            throw new LedgerOrderException(
                $"The terms value round {Number} by {string.Join(", ", methods)}, but {string.Join(", ", came)} came.");
        }

        return this with { Valued = valued };
    }
}
