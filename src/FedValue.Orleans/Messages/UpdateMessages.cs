using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;

namespace FedValue.Orleans.Messages;

/// <summary>A claim about an update on its way to a participant's grain; digests travel, tensors do not.</summary>
[GenerateSerializer, Immutable, Alias("fedvalue.claim")]
public sealed record ClaimMessage(
    string Participant, int Round, string Update, long Bytes, long Examples, double? Loss, string? Signature)
{
    internal static ClaimMessage Of(UpdateClaim claim) =>
        new(claim.Participant, claim.Round, claim.Update.ToString(), claim.Bytes, claim.Examples, claim.Loss, claim.Signature);

    internal UpdateClaim ToClaim() => new(Participant, Round, Digest.Parse(Update), Bytes, Examples, Loss, Signature);
}

/// <summary>Whether the bytes of an update are wanted.</summary>
/// <param name="IsWanted">They are, as far as the claim tells.</param>
/// <param name="Failure">Why that cannot be told.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.wanted")]
public sealed record WantedMessage(bool IsWanted, FailureMessage? Failure = null);

/// <summary>What the intake found about the bytes of an update.</summary>
/// <param name="WasRead">Whether the bytes were read at all.</param>
/// <param name="Reason">What is wrong with them, as a short code; null when they are good and stored, or were not read.</param>
/// <param name="Detail">What is wrong with them, as a sentence.</param>
/// <param name="Blame">The same as data.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.intake")]
public sealed record IntakeMessage(bool WasRead, string? Reason, string? Detail, BlameMessage? Blame = null)
{
    internal static IntakeMessage Of(bool wasRead, UpdateFault? fault) => new(wasRead, fault?.Reason, fault?.Detail, BlameMessage.Of(fault?.Blame));

    internal UpdateFault? Fault => Reason is null ? null : new UpdateFault(Reason, Detail ?? "", Blame?.ToBlame() ?? new(UpdatePart.Body));
}

/// <summary>What a refusal blames, on its way from or to a participant's grain.</summary>
[GenerateSerializer, Immutable, Alias("fedvalue.blame")]
public sealed record BlameMessage(int Part, string? Expected, string? Came, string? Tensor)
{
    internal static BlameMessage? Of(UpdateBlame? blame) => blame is null ? null : new((int)blame.Part, blame.Expected, blame.Came, blame.Tensor);

    internal UpdateBlame ToBlame() => new((UpdatePart)Part, Expected, Came, Tensor);
}

/// <summary>The answer to a submission.</summary>
/// <param name="IsAccepted">Whether the update takes part in the round.</param>
/// <param name="Problem">Why not, as a sentence.</param>
/// <param name="Reason">Why not, as a short code.</param>
/// <param name="Receipt">The receipt of the entry about it; null when there is none.</param>
/// <param name="Failure">Set when nothing was done at all.</param>
/// <param name="Blame">Why not, as data.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.submission-reply")]
public sealed record SubmissionMessage(
    bool IsAccepted, string? Problem, string? Reason, ReceiptMessage? Receipt, FailureMessage? Failure = null, BlameMessage? Blame = null)
{
    internal static SubmissionMessage Of(SubmissionReply reply) => new(
        reply.IsAccepted, reply.Problem, reply.Reason, reply.Receipt is { } receipt ? ReceiptMessage.Of(receipt) : null,
        Blame: BlameMessage.Of(reply.Blame));

    internal static SubmissionMessage Failed(FailureMessage failure) => new(false, null, null, null, failure);

    internal SubmissionReply ToReply() => Failure is { } failure
        ? throw failure.ToException()
        : new SubmissionReply(IsAccepted, Problem, Receipt?.ToReceipt(), Reason, Blame?.ToBlame());
}
