using System.Text.Json.Serialization;

namespace FedValue.Ledger.Events;

/// <summary>A participant joined; from now on it may be invited to rounds.</summary>
/// <param name="Participant">Its id: 1 to 64 characters, letters, digits and <c>. _ -</c>; see <see cref="ParticipantId"/>.</param>
/// <param name="DeclaredExamples">How many training examples it says it holds: the cap on what its updates may claim.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
/// <param name="PublicKey">The key that signs its updates, see <see cref="Signing.ParticipantKey"/>; left out, never written as null, in a
/// simulation, where nobody signs.</param>
public sealed record ParticipantEnrolled(
    string Participant,
    long DeclaredExamples,
    long At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PublicKey = null) : LedgerEvent;

/// <summary>A participant signs with another key from now on.</summary>
/// <param name="Participant">Whose key it is.</param>
/// <param name="PublicKey">The new key.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Signature">
/// Base64 of the old key's signature over <see cref="Signing.Statements.Key"/>; left out, never written as null, where the old key was revoked
/// and the operator let the participant enrol another one.
/// </param>
public sealed record KeyReplaced(
    string Participant,
    string PublicKey,
    long At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Signature = null) : LedgerEvent;

/// <summary>The operator declared a participant's key void; nothing that it signs is accepted until the key is replaced.</summary>
/// <param name="Participant">Whose key it was.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC.</param>
public sealed record KeyRevoked(string Participant, string Reason, long At) : LedgerEvent;
