using FedValue.Ledger;
using FedValue.Ledger.Events;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The role that judges and deduplicates one participant's updates; single-threaded, knows no host. It sees claims only: the bytes go through
/// <see cref="UpdateIntake"/>, outside of any turn, between two of its decisions.
/// </summary>
public sealed class Participant(string id, ILedgerView ledger)
{
    /// <summary>
    /// Judges a claim by the open round and what was accepted before; asked before the bytes are read and again when they are stored.
    /// </summary>
    /// <param name="claim">What is claimed about the update.</param>
    /// <param name="at">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
    /// <param name="found">What was found wrong with the bytes; null: nothing, or they were not read yet.</param>
    /// <param name="cancellation">Stops reading the ledger.</param>
    public async Task<SubmissionDecision> DecideAsync(
        UpdateClaim claim, long at, UpdateFault? found = null, CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (claim.Participant != id)
            return ClaimRules.Astray(claim, id);
        // First of all, so that nobody else can have anything looked up or written down in this participant's name.
        if (ClaimRules.Unproven(claim, state) is { } unproven)
            return unproven;
        if (ClaimRules.Misplaced(claim, state) is { } misplaced)
            return misplaced.Reason is "no-round" or "wrong-round" && await EarlierAsync(claim, state, cancellation) is { } again ? again : misplaced;

        RoundState round = state.Round!;
        SubmissionDecision Refuse(string reason, string detail, UpdateBlame blame) => new SubmissionDecision.Refuse(
            new UpdateRefused(round.Number, id, claim.Update, reason, detail, at, claim.Signed), blame);

        if (round.Accepted.TryGetValue(id, out UpdateAccepted? earlier))
        {
            return IsSame(earlier, claim)
                ? new SubmissionDecision.Repeat(earlier)
                : Refuse("equivocation", $"Expected one update per round, but after {earlier.Update} came another one.",
                    UpdateBlame.Equivocation(earlier, claim));
        }
        long declared = state.Participants[id].DeclaredExamples;
        if (claim.Examples < 1 || claim.Examples > declared)
            return Refuse("examples", $"Expected 1 to {declared} examples, as declared at enrolment, but {claim.Examples} came.",
                UpdateBlame.Examples(declared, claim.Examples));
        if (claim.Loss is { } loss && !(double.IsFinite(loss) && loss >= 0))
            return Refuse("loss", $"Expected a training loss that is finite and 0 or more, or none, but {loss} came.", UpdateBlame.Loss(loss));
        if (found is not null)
            return Refuse(found.Reason, Shorten(found.Detail), found.Blame);

        return new SubmissionDecision.Accept(
            new UpdateAccepted(round.Number, id, claim.Update, claim.Examples, claim.Bytes, at, claim.LossBits, claim.Signature));
    }

    /// <summary>
    /// The same update again after its round has ended: whoever did not hear that it was accepted hears it now. Null where the claim is not that.
    /// </summary>
    async Task<SubmissionDecision?> EarlierAsync(UpdateClaim claim, FederationState state, CancellationToken cancellation)
    {
        UpdateAccepted? before = null;
        if (state.Round is { } round && round.Number == claim.Round)
            before = round.Accepted.GetValueOrDefault(id);
        else if (claim.Round >= 1 && claim.Round <= state.LastRound)
            before = (await ledger.FindAcceptedAsync(claim.Round, id, cancellation))?.Accepted;
        return before is not null && IsSame(before, claim) ? new SubmissionDecision.Repeat(before) : null;
    }

    /// <summary>
    /// Signatures are not compared: no two of one key are alike, and each was verified over what came with it. So -0 as a loss is 0 here, though
    /// its bits, which are what is signed, are others.
    /// </summary>
    static bool IsSame(UpdateAccepted earlier, UpdateClaim claim) =>
        earlier.Update == claim.Update && earlier.Examples == claim.Examples && earlier.ClaimedLoss?.Value == claim.Loss;

    /// <summary>A sentence that came from outside must not make an entry too long.</summary>
    static string Shorten(string message) => message.Length <= 500 ? message : message[..499] + "…";
}
