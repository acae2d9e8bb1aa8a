using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>What a trainer sends for a round.</summary>
/// <param name="Participant">Who it says it is.</param>
/// <param name="Round">Which round it trained for.</param>
/// <param name="Examples">How many examples it says it trained on.</param>
/// <param name="Update">Its whole local model, safetensors.</param>
/// <param name="Loss">Its training loss as it reports it, in nats; null: it reports none. Kept as a claim; nothing is computed from it.</param>
public sealed record UpdateSubmission(
    string Participant, int Round, long Examples, ReadOnlyMemory<byte> Update, double? Loss = null);

/// <summary>What a participant role decided about a submission.</summary>
public abstract record SubmissionDecision
{
    /// <summary>It is good and stored: append this event.</summary>
    public sealed record Accept(UpdateAccepted Event) : SubmissionDecision;

    /// <summary>It takes no part in the round: append this event.</summary>
    public sealed record Refuse(UpdateRefused Event) : SubmissionDecision;

    /// <summary>The very same update was accepted before: nothing to append, the earlier receipt again.</summary>
    public sealed record Repeat(UpdateAccepted Event) : SubmissionDecision;

    /// <summary>It belongs to no open round of this participant; nothing to append.</summary>
    public sealed record Turn(string Problem) : SubmissionDecision;
}

/// <summary>The role that checks, stores and deduplicates one participant's updates; single-threaded, knows no host.</summary>
public sealed class Participant(string id, FederationSetup setup, ILedgerView ledger, IBlobStore blobs)
{
    /// <summary>Checks a submission against the open round; an accepted update is in the blob store when this returns.</summary>
    /// <param name="submission">What came.</param>
    /// <param name="at">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Stops before anything is stored.</param>
    public async Task<SubmissionDecision> SubmitAsync(UpdateSubmission submission, long at, CancellationToken cancellation = default)
    {
        FederationState state = await ledger.CurrentAsync(cancellation);
        if (Misplaced(submission, state) is { } misplaced)
            return new SubmissionDecision.Turn(misplaced);

        RoundState round = state.Round!;
        var digest = Digest.Of(submission.Update.Span);
        SubmissionDecision Refuse(string reason, string detail) =>
            new SubmissionDecision.Refuse(new UpdateRefused(round.Number, id, digest, reason, detail, at));

        if (round.Accepted.TryGetValue(id, out UpdateAccepted? earlier))
        {
            return earlier.Update == digest && earlier.Examples == submission.Examples && earlier.ClaimedLoss?.Value == submission.Loss
                ? new SubmissionDecision.Repeat(earlier)
                : Refuse("equivocation", $"Expected one update per round, but after {earlier.Update} came another one.");
        }
        long declared = state.Participants[id].DeclaredExamples;
        if (submission.Examples < 1 || submission.Examples > declared)
            return Refuse("examples", $"Expected 1 to {declared} examples, as declared at enrolment, but {submission.Examples} came.");

        if (submission.Loss is { } loss && !(double.IsFinite(loss) && loss >= 0))
            return Refuse("loss", $"Expected a training loss that is finite and 0 or more, or none, but {loss} came.");

        float[] weights;
        try
        {
            weights = ModelFile.ReadWeights(setup.Network.Manifest, submission.Update);
        }
        catch (SafetensorsException failure)
        {
            return Refuse("malformed", Shorten(failure.Message));
        }
        catch (ModelMismatchException failure)
        {
            return Refuse("mismatch", Shorten(failure.Message));
        }
        if (ModelFile.FindNotFinite(setup.Network.Manifest, weights) is { } at0)
            return Refuse("not-finite", $"Expected finite weights, but element {at0.Offset} of tensor '{at0.Tensor}' is {at0.Value}.");

        await blobs.PutAsync(submission.Update, cancellation);
        return new SubmissionDecision.Accept(
            new UpdateAccepted(round.Number, id, digest, submission.Examples, submission.Update.Length, at, submission.Loss));
    }

    string? Misplaced(UpdateSubmission submission, FederationState state)
    {
        if (submission.Participant != id)
            return $"An update of '{submission.Participant}' came to participant '{id}'.";
        if (state.Round is not { Aggregated: null } round)
            return $"No round takes updates now, but one for round {submission.Round} came; wait for the next round.";
        if (submission.Round != round.Number)
            return $"Round {round.Number} takes updates now, but one for round {submission.Round} came.";
        return round.Opened.Cohort.Contains(id) ? null : $"Participant '{id}' was not invited to round {round.Number}.";
    }

    /// <summary>A sentence that came from outside must not make an entry too long.</summary>
    static string Shorten(string message) => message.Length <= 500 ? message : message[..499] + "…";
}
