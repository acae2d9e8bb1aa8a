namespace FedValue.Ledger.Signing;

/// <summary>What a participant claimed and signed about an update that was refused: with it the entry is evidence by itself.</summary>
/// <param name="Examples">How many examples it said it trained on.</param>
/// <param name="ClaimedLoss">Its training loss as it said; left out where it said none.</param>
/// <param name="Signature">Base64 of its signature over <see cref="Statements.Update"/>.</param>
public sealed record SignedClaim(
    long Examples,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    DoubleBits? ClaimedLoss,
    string Signature);
