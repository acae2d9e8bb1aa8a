using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;

namespace FedValue.Federation.Rounds;

/// <summary>
/// What a claim and the state decide by themselves about an update: who sent it, and whether a round takes it. Pure: nothing is read for it, so
/// that whoever is not a participant costs that participant nothing.
/// </summary>
public static class ClaimRules
{
    const string SignatureExpected = "base64 of the signature of the participant's key over the update's statement";
    const string WithKey = "a participant with a valid key";

    /// <summary>Why nothing shows that an enrolled participant sent this; null when its signature holds over all that is claimed.</summary>
    /// <param name="claim">What is claimed; the model that its round began with is the state's to say.</param>
    /// <param name="state">What the ledger says.</param>
    public static SubmissionDecision.Turn? Unproven(UpdateClaim claim, FederationState state)
    {
        string id = claim.Participant;
        bool hasKey = state.Keys.TryGetValue(id, out string? key);
        if (hasKey && key is null)
            return new($"The key of '{id}' was revoked; ask the operator to let it enrol another one.", "revoked", Who(WithKey, id));
        if (hasKey != claim.Signature is not null)
        {
            return hasKey
                ? new($"'{id}' has a key, but its update came without a signature.", "unsigned",
                    new UpdateBlame(UpdatePart.Signature, SignatureExpected, "nothing"))
                : new($"'{id}' has no key that could have signed.", "no-key", Who(WithKey, id));
        }
        if (!hasKey)
            return null;
        if (state.BeginningOf(claim.Round) is not { } model)
            return Misplaced(claim, state); // of a round that never was nobody can have signed the model
        var claimed = new UpdateAccepted(claim.Round, id, claim.Update, claim.Examples, claim.Bytes, 0, claim.LossBits, claim.Signature);
        return SignatureRules.Problem(claimed, state.Name, key, model) is { } forged
            // What came as a signature is not said again: it is long, and tells nothing.
            ? new(forged, "forged", new UpdateBlame(UpdatePart.Signature, SignatureExpected))
            : null;
    }

    /// <summary>Why no round takes updates of this participant, or not this one; null when the open round does.</summary>
    public static SubmissionDecision.Turn? Misplaced(UpdateClaim claim, FederationState state)
    {
        if (state.Round is not { Aggregated: null } round)
            return new($"No round takes updates now, but one for round {claim.Round} came; wait for the next round.", "no-round",
                UpdateBlame.Round(null, claim.Round));
        if (claim.Round != round.Number)
            return new($"Round {round.Number} takes updates now, but one for round {claim.Round} came.", "wrong-round",
                UpdateBlame.Round(round.Number, claim.Round));
        return round.Opened.Cohort.Contains(claim.Participant) ? null
            : new($"Participant '{claim.Participant}' was not invited to round {round.Number}.", "not-invited",
                Who("a participant that was invited", claim.Participant));
    }

    /// <summary>An update that came to the role of somebody else.</summary>
    internal static SubmissionDecision.Turn Astray(UpdateClaim claim, string role) =>
        new($"An update of '{claim.Participant}' came to participant '{role}'.", "forged", Who(expected: role, claim.Participant));

    static UpdateBlame Who(string expected, string came) => new(UpdatePart.Participant, expected, came);
}
