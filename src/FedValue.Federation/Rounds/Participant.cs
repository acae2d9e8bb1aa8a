using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The role that judges and deduplicates one participant's updates; single-threaded, knows no host. It sees claims only: the bytes go through
/// <see cref="UpdateIntake"/>, outside of any turn, between two of its decisions.
/// </summary>
public sealed class Participant(string id, ILedgerView ledger)
{
    const string SignatureExpected = "base64 of the signature of the participant's key over the update's statement";
    const string WithKey = "a participant with a valid key";

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
        if (Misplaced(claim, state) is { } misplaced)
            return misplaced.Reason is "no-round" or "wrong-round" && await EarlierAsync(claim, state, cancellation) is { } again ? again : misplaced;

        RoundState round = state.Round!;
        SubmissionDecision Refuse(string reason, string detail, UpdateBlame blame) => Signed(
            new UpdateRefused(round.Number, id, claim.Update, reason, detail, at, claim.Signed),
            refused => new SubmissionDecision.Refuse((UpdateRefused)refused, blame));
        SubmissionDecision Signed(LedgerEvent about, Func<LedgerEvent, SubmissionDecision> decide) =>
            SignatureRules.Problem(about, state.Name, state.Keys.GetValueOrDefault(id), round.Opened.Model) is { } forged
                ? Forged(forged)
                : decide(about);

        if (round.Accepted.TryGetValue(id, out UpdateAccepted? earlier))
        {
            return IsSame(earlier, claim)
                ? Signed(earlier with { Signature = claim.Signature }, _ => new SubmissionDecision.Repeat(earlier))
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

        return Signed(
            new UpdateAccepted(round.Number, id, claim.Update, claim.Examples, claim.Bytes, at, claim.LossBits, claim.Signature),
            accepted => new SubmissionDecision.Accept((UpdateAccepted)accepted));
    }

    /// <summary>
    /// The same update again after its round has ended: whoever did not hear that it was accepted hears it now. Null where the claim is not
    /// that, or who sent it cannot be told.
    /// </summary>
    async Task<SubmissionDecision?> EarlierAsync(UpdateClaim claim, FederationState state, CancellationToken cancellation)
    {
        bool hasKey = state.Keys.TryGetValue(id, out string? key);
        if (hasKey ? key is null || claim.Signature is null : claim.Signature is not null)
            return null;
        AcceptedBefore? before = null;
        if (state.Round is { } round && round.Number == claim.Round)
            before = round.Accepted.TryGetValue(id, out UpdateAccepted? accepted) ? new AcceptedBefore(round.Opened, accepted) : null;
        else if (claim.Round >= 1 && claim.Round <= state.LastRound)
            before = await ledger.FindAcceptedAsync(claim.Round, id, cancellation);
        if (before is null || !IsSame(before.Accepted, claim))
            return null;
        UpdateAccepted repeated = before.Accepted with { Signature = claim.Signature };
        return SignatureRules.Problem(repeated, state.Name, key, before.Opened.Model) is { } forged
            ? Forged(forged)
            : new SubmissionDecision.Repeat(before.Accepted);
    }

    /// <summary>Signatures are not compared: no two of one key are alike. Each is verified.</summary>
    static bool IsSame(UpdateAccepted earlier, UpdateClaim claim) =>
        earlier.Update == claim.Update && earlier.Examples == claim.Examples && earlier.ClaimedLoss?.Value == claim.Loss;

    SubmissionDecision.Turn? Misplaced(UpdateClaim claim, FederationState state)
    {
        if (claim.Participant != id)
            return new($"An update of '{claim.Participant}' came to participant '{id}'.", "forged", Who(expected: id, claim.Participant));
        if (state.Round is not { Aggregated: null } round)
            return new($"No round takes updates now, but one for round {claim.Round} came; wait for the next round.", "no-round",
                UpdateBlame.Round(null, claim.Round));
        if (claim.Round != round.Number)
            return new($"Round {round.Number} takes updates now, but one for round {claim.Round} came.", "wrong-round",
                UpdateBlame.Round(round.Number, claim.Round));
        if (!round.Opened.Cohort.Contains(id))
            return new($"Participant '{id}' was not invited to round {round.Number}.", "not-invited",
                Who("a participant that was invited", id));
        bool hasKey = state.Keys.TryGetValue(id, out string? key);
        if (hasKey && key is null)
            return new($"The key of '{id}' was revoked; ask the operator to let it enrol another one.", "revoked",
                Who(WithKey, id));
        if (hasKey != claim.Signature is not null)
        {
            return hasKey
                ? new($"'{id}' has a key, but its update came without a signature.", "unsigned",
                    new UpdateBlame(UpdatePart.Signature, SignatureExpected, "nothing"))
                : new($"'{id}' has no key that could have signed.", "no-key", Who(WithKey, id));
        }
        return null;
    }

    static UpdateBlame Who(string expected, string came) => new(UpdatePart.Participant, expected, came);

    /// <summary>What came as a signature is not said again: it is long, and tells nothing.</summary>
    static SubmissionDecision.Turn Forged(string problem) => new(problem, "forged", new UpdateBlame(UpdatePart.Signature, SignatureExpected));

    /// <summary>A sentence that came from outside must not make an entry too long.</summary>
    static string Shorten(string message) => message.Length <= 500 ? message : message[..499] + "…";
}
