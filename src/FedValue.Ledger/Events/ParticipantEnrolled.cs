namespace FedValue.Ledger.Events;

/// <summary>A participant joined; from now on it may be invited to rounds.</summary>
/// <param name="Participant">Its id: 1 to 64 characters, letters, digits and <c>. _ -</c>; see <see cref="ParticipantId"/>.</param>
/// <param name="DeclaredExamples">How many training examples it says it holds: the cap on what its updates may claim.</param>
/// <param name="At">Milliseconds since 1970-01-01 UTC, or the logical clock of a simulation.</param>
public sealed record ParticipantEnrolled(string Participant, long DeclaredExamples, long At) : LedgerEvent;
