using System.Text.Json.Serialization;
using FedValue.Ledger.Signing;

namespace FedValue.Ledger.Events;

/// <summary>What a participant claimed and signed about an update that was refused: with it the entry is evidence by itself.</summary>
/// <param name="Examples">How many examples it said it trained on.</param>
/// <param name="Signature">Base64 of its signature over <see cref="Statements.Update"/>.</param>
/// <param name="ClaimedLoss">Its training loss as it said, in nats; left out, never written as null, where it said none.</param>
public sealed record SignedClaim(
    long Examples,
    string Signature,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DoubleBits? ClaimedLoss = null);
