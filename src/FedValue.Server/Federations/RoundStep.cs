using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;

namespace FedValue.Server.Federations;

/// <summary>What a federation does next by itself.</summary>
abstract record RoundStep
{
    /// <summary>Nothing before this time, or before the ledger goes on.</summary>
    public sealed record Wait(DateTimeOffset? Until = null) : RoundStep;

    /// <summary>Opens a round for everybody with a valid key, in ordinal order up to the most that a round under the terms takes.</summary>
    public sealed record Open(IReadOnlyList<string> Cohort) : RoundStep;

    /// <summary>Aggregates, values and pays the round, or what is left of that.</summary>
    public sealed record Close : RoundStep;

    /// <summary>Writes the last entry.</summary>
    public sealed record Finish : RoundStep;

    /// <summary>The next step by what the ledger says; pure.</summary>
    /// <param name="state">What the ledger says.</param>
    /// <param name="isCloseAsked">Whether the operator asked to close the open round.</param>
    /// <param name="now">The host's clock.</param>
    public static RoundStep Next(FederationState state, bool isCloseAsked, DateTimeOffset now)
    {
        if (state.IsClosed)
            return new Wait();
        if (state.Round is { } round)
            return round.Aggregated is not null || (isCloseAsked && round.Accepted.Count > 0) ? new Close() : WhileOpen(state, round, now);
        if (state.Terms.Schedule is not { } schedule)
            return new Wait();
        if (state.RoundsPaid >= schedule.Rounds)
            return new Finish();
        IReadOnlyList<string> everybody = Everybody(state);
        if (everybody.Count < (state.LastRound == 0 ? schedule.Participants : 1))
            return new Wait();
        // Enrolment keeps to the limit as well; should more be there all the same, a round that could never be valued would be stuck for ever.
        return new Open([.. everybody.Take(TermsChoice.LargestRound(state.Terms))]);
    }

    /// <summary>Everybody with a valid key, in ordinal order.</summary>
    public static IReadOnlyList<string> Everybody(FederationState state) =>
        [.. state.Participants.Keys.Where(id => state.Keys.GetValueOrDefault(id) is not null)];

    /// <summary>When a round may close without those who are missing; null where it waits for ever.</summary>
    public static DateTimeOffset? Deadline(FederationState state, RoundState round) => state.Terms.Schedule is { DeadlineSeconds: > 0 } schedule
        ? DateTimeOffset.FromUnixTimeMilliseconds(round.Opened.At).AddSeconds(schedule.DeadlineSeconds)
        : null;

    static RoundStep WhileOpen(FederationState state, RoundState round, DateTimeOffset now)
    {
        if (state.Terms.Schedule is not { } schedule)
            return new Wait();
        int accepted = round.Accepted.Count;
        // Who has lost its key cannot report any more, so nobody waits for it.
        int canReport = round.Opened.Cohort.Count(id => round.Accepted.ContainsKey(id) || state.Keys.GetValueOrDefault(id) is not null);
        int quorum = schedule.Quorum == 0 ? canReport : Math.Min(schedule.Quorum, canReport);
        if (accepted > 0 && accepted >= quorum)
            return new Close();
        if (Deadline(state, round) is not { } deadline)
            return new Wait();
        if (now < deadline)
            return new Wait(deadline);
        return accepted >= schedule.MinimumReporting ? new Close() : new Wait();
    }
}
