namespace FedValue.Protocol.Contracts;

/// <summary>A participant joins.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Token">What the operator gave it.</param>
/// <param name="PublicKey">Base64 of its key's DER SubjectPublicKeyInfo.</param>
/// <param name="DeclaredExamples">How many examples it holds: the most that its updates may claim. 1 or more.</param>
public sealed record EnrolmentRequest(string Participant, string Token, string PublicKey, long DeclaredExamples);

/// <summary>The operator lets one participant enrol.</summary>
/// <param name="Participant">Its id.</param>
public sealed record TokenRequest(string Participant);

/// <summary>Another key in the place of a participant's: signed for by the old one or, once that was revoked, let in by a token.</summary>
/// <param name="PublicKey">Base64 of the new key's DER SubjectPublicKeyInfo.</param>
/// <param name="Signature">Base64 of the old key's signature over the statement about it; null: a token came.</param>
/// <param name="Token">What the operator gave; null: a signature came.</param>
public sealed record KeyRequest(string PublicKey, string? Signature = null, string? Token = null);

/// <summary>Who is invited to a round.</summary>
/// <param name="Cohort">Ids in any order; null: everybody with a valid key.</param>
public sealed record CohortRequest(IReadOnlyList<string>? Cohort = null);

/// <summary>The operator gives up a round.</summary>
/// <param name="Reason">Why, as a sentence of at most 500 characters; participants read it on the ledger.</param>
/// <param name="Close">Whether the federation is closed with it.</param>
public sealed record AbandonmentRequest(string Reason, bool Close = false);
