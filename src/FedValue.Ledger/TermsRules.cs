using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;

namespace FedValue.Ledger;

/// <summary>Which terms a federation may begin with.</summary>
public static class TermsRules
{
    // JSON readers that keep numbers as doubles keep integers up to here.
    const long SeedMax = (1L << 53) - 1;

    // A year.
    const long DeadlineMax = 366L * 24 * 3600;

    /// <summary>Why the terms cannot hold, as a sentence; null when they can.</summary>
    public static string? Problem(FederationTerms terms) => Fault(terms)?.Sentence;

    /// <summary>The same with the term to blame.</summary>
    public static TermsFault? Fault(FederationTerms terms)
    {
        if (terms.Seed is < 0 or > SeedMax)
            return new("seed", $"A seed lies in 0 .. {SeedMax}, but {terms.Seed} came.");
        if (terms.Aggregators.Count == 0)
            return new("aggregator", "The terms need at least one aggregator, but there is none.");
        if (terms.Methods.Count != terms.Methods.Distinct(StringComparer.Ordinal).Count())
            return new("methods", $"Each valuation method stands in the terms once, but these came: {string.Join(", ", terms.Methods)}.");
        if (terms.NormLimit is { } limit && !(double.IsFinite(limit.Value) && limit.Value > 0))
            return new("normLimit", $"A norm limit is a finite number above 0, or none, but {limit.Value} came.");
        return PaymentPolicy.Fault(terms.Payment)
            ?? (PayByProblem(terms) is { } payBy ? new TermsFault("payBy", payBy) : null)
            ?? ScheduleFault(terms.Schedule);
    }

    static TermsFault? ScheduleFault(RoundSchedule? schedule) => schedule switch
    {
        null => null,
        { Rounds: < 1 } or { Participants: < 1 } or { MinimumReporting: < 1 } or { Quorum: < 0 } or { DeadlineSeconds: < 0 } => new("schedule",
            "A schedule has 1 or more rounds, participants and minimum-reporting, and a quorum and deadline of 0 or more, but "
            + $"{schedule.Rounds}, {schedule.Participants}, {schedule.MinimumReporting}, {schedule.Quorum} and {schedule.DeadlineSeconds} came."),
        { Participants: > FederationState.CohortMax } => new("schedule.participants",
            $"A round takes at most {FederationState.CohortMax} participants, but the schedule waits for {schedule.Participants}."),
        { Quorum: > 0 } when schedule.MinimumReporting > schedule.Quorum => new("schedule.minimumReporting",
            $"The minimum to report ({schedule.MinimumReporting}) cannot be above the quorum ({schedule.Quorum}): the quorum closes a round."),
        { DeadlineSeconds: > DeadlineMax } => new("schedule.deadlineSeconds",
            $"A deadline is at most {DeadlineMax} seconds, but {schedule.DeadlineSeconds} came."),
        _ => null,
    };

    static string? PayByProblem(FederationTerms terms)
    {
        string payBy = terms.Payment.PayBy;
        if (terms.Payment.Policy != PaymentPolicy.Proportional)
            return payBy == "" ? null : $"Under the policy '{terms.Payment.Policy}' no method decides, but '{payBy}' came: leave it empty.";
        return terms.Methods.Contains(payBy)
            ? null
            : $"'{payBy}' decides about payment, so it must be one of the methods {string.Join(", ", terms.Methods)}.";
    }
}
