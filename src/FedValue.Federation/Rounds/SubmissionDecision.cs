using FedValue.Ledger.Events;

namespace FedValue.Federation.Rounds;

/// <summary>What a participant role decided about a submission.</summary>
public abstract record SubmissionDecision
{
    /// <summary>The claim is good: append this event once the bytes are found good too and are stored.</summary>
    public sealed record Accept(UpdateAccepted Event) : SubmissionDecision;

    /// <summary>It takes no part in the round: append this event.</summary>
    /// <param name="Event">The event, with why as a code and a sentence.</param>
    /// <param name="Blame">Why as data.</param>
    public sealed record Refuse(UpdateRefused Event, UpdateBlame Blame) : SubmissionDecision;

    /// <summary>The very same update was accepted before: nothing to append, the earlier receipt again.</summary>
    public sealed record Repeat(UpdateAccepted Event) : SubmissionDecision;

    /// <summary>It belongs to no open round of this participant, or is not signed by it; nothing to append.</summary>
    /// <param name="Problem">Why, as a sentence.</param>
    /// <param name="Reason">
    /// A short code: <c>no-round</c>, <c>wrong-round</c>, <c>not-invited</c>, <c>revoked</c>, <c>unsigned</c>, <c>no-key</c> or <c>forged</c>.
    /// </param>
    /// <param name="Blame">Why as data.</param>
    public sealed record Turn(string Problem, string Reason, UpdateBlame Blame) : SubmissionDecision;
}
