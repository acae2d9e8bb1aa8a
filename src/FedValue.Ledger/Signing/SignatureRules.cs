using FedValue.Ledger.Events;

namespace FedValue.Ledger.Signing;

/// <summary>Whether the signatures on a ledger hold. The participant role asks before an entry is written, an auditor afterwards.</summary>
public static class SignatureRules
{
    /// <summary>Why an event's signature does not hold, as a sentence; null when it does or the event has none.</summary>
    /// <param name="ledgerEvent">An event that the fold accepts.</param>
    /// <param name="ledger">The ledger it is for.</param>
    /// <param name="key">The participant's key before the event; null where it has none.</param>
    /// <param name="model">The model that the open round began with.</param>
    public static string? Problem(LedgerEvent ledgerEvent, LedgerName ledger, string? key, Digest? model) => (ledgerEvent, model) switch
    {
        (UpdateAccepted { Signature: { } signature } e, { } begun) => Problem(
            e.Participant, key, Statements.Update(ledger, e.Round, begun, e.Participant, e.Update, e.Examples, e.ClaimedLoss), signature),
        (UpdateRefused { Claim: { } claim } e, { } begun) => Problem(
            e.Participant, key, Statements.Update(ledger, e.Round, begun, e.Participant, e.Update, claim.Examples, claim.ClaimedLoss),
            claim.Signature),
        (KeyReplaced { Signature: { } signature } e, _) =>
            Problem(e.Participant, key, Statements.Key(ledger, e.Participant, e.PublicKey), signature),
        _ => null,
    };

    static string? Problem(string participant, string? key, byte[] statement, string signature)
    {
        var bytes = new byte[ParticipantKey.SignatureLength];
        // One signature, one spelling: other base64 for the same bytes is refused.
        if (!Convert.TryFromBase64String(signature, bytes, out int length) || length != bytes.Length
            || Convert.ToBase64String(bytes) != signature)
            return $"A signature is the base64 of {ParticipantKey.SignatureLength} bytes, but that of '{participant}' is not.";
        if (key is null)
            return $"'{participant}' has no key that could have signed.";
        using var signer = ParticipantKey.Parse(key);
        return signer.HasSigned(statement, bytes) ? null
            : $"The signature of '{participant}' is not that of its key over what it claims; sign the statement of this round and update.";
    }
}
