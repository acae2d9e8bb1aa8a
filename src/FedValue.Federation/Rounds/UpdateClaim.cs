using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;

namespace FedValue.Federation.Rounds;

/// <summary>What a trainer says about the update it sends; known before the update's first byte is read.</summary>
/// <param name="Participant">Who it says it is.</param>
/// <param name="Round">Which round it trained for.</param>
/// <param name="Update">The digest of its bytes.</param>
/// <param name="Bytes">How many bytes there are.</param>
/// <param name="Examples">How many examples it says it trained on.</param>
/// <param name="Loss">Its training loss as it reports it, in nats; null: it reports none. Kept as a claim; nothing is computed from it.</param>
/// <param name="Signature">Base64 of its signature over <see cref="Statements.Update"/>; null: it has no key.</param>
public sealed record UpdateClaim(
    string Participant, int Round, Digest Update, long Bytes, long Examples, double? Loss = null, string? Signature = null)
{
    /// <summary>The loss as it stands on the ledger.</summary>
    internal DoubleBits? LossBits => Loss is { } loss ? new DoubleBits(loss) : null;

    /// <summary>What was signed about a refused update.</summary>
    internal SignedClaim? Signed => Signature is null ? null : new SignedClaim(Examples, Signature, LossBits);
}

/// <summary>An update in memory with what is claimed about it.</summary>
/// <param name="Participant">Who it says it is.</param>
/// <param name="Round">Which round it trained for.</param>
/// <param name="Examples">How many examples it says it trained on.</param>
/// <param name="Update">Its whole local model, safetensors.</param>
/// <param name="Loss">Its training loss as it reports it, in nats; null: it reports none.</param>
public sealed record UpdateSubmission(
    string Participant, int Round, long Examples, ReadOnlyMemory<byte> Update, double? Loss = null)
{
    /// <summary>The claim about these bytes, unsigned.</summary>
    public UpdateClaim Claim => new(Participant, Round, Digest.Of(Update.Span), Update.Length, Examples, Loss);
}
