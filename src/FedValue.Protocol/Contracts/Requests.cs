namespace FedValue.Protocol.Contracts;

/// <summary>A participant joins.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Token">What the operator gave it.</param>
/// <param name="PublicKey">Base64 of its key's DER SubjectPublicKeyInfo.</param>
/// <param name="DeclaredExamples">How many examples it holds: the most that its updates may claim. 1 or more.</param>
public sealed record EnrolmentRequest(string Participant, string Token, string PublicKey, long DeclaredExamples);
