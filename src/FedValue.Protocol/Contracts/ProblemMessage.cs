namespace FedValue.Protocol.Contracts;

/// <summary>Why a request was not done: an RFC 9457 problem with what a program can act on.</summary>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">What was expected, what came and what to do, as a sentence.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A short code, for example <c>equivocation</c> or <c>wrong-round</c>.</param>
/// <param name="Field">The field to blame, where one is.</param>
/// <param name="Expected">What was expected there.</param>
/// <param name="Came">What came there.</param>
/// <param name="Receipt">The receipt of the entry that the refusal left on the ledger, where it left one.</param>
public sealed record ProblemMessage(
    string? Title = null, string? Detail = null, int? Status = null, string? Code = null, string? Field = null, string? Expected = null,
    string? Came = null, ReceiptMessage? Receipt = null);
