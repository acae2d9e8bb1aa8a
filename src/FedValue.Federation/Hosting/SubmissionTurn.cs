using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;

namespace FedValue.Federation.Hosting;

/// <summary>
/// The turn that ends a submission, the same under every host: the participant's role decides, the ledger's role is asked for what the decision
/// needs.
/// </summary>
/// <param name="role">Decides.</param>
/// <param name="now">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
/// <param name="append">Has an event appended and gives its receipt.</param>
/// <param name="find">Gives the receipt of an event that was appended before.</param>
public sealed class SubmissionTurn(
    Participant role, Func<long> now, Func<LedgerEvent, CancellationToken, Task<Receipt>> append,
    Func<LedgerEvent, CancellationToken, Task<Receipt?>> find)
{
    /// <summary>The answer to somebody whom no role belongs to.</summary>
    public static SubmissionReply Unknown(string participant) =>
        SubmissionReply.Unknown($"There is no participant '{participant}'; enrol it first.", participant);

    /// <summary>
    /// The answer to a claim that nothing shows to be of an enrolled participant; null when its signature holds. For whoever lets updates in: what
    /// is a participant's alone, as its turn among uploads, is taken by nobody else.
    /// </summary>
    public static SubmissionReply? Unproven(UpdateClaim claim, FederationState state)
    {
        if (!state.Participants.ContainsKey(claim.Participant))
            return Unknown(claim.Participant);
        return ClaimRules.Unproven(claim, state) is { } turn ? Turned(turn) : null;
    }

    /// <summary>Whether the bytes of an update are wanted, as far as its claim tells.</summary>
    public async Task<bool> WantsAsync(UpdateClaim claim, CancellationToken cancellation = default) =>
        await role.DecideAsync(claim, now(), found: null, cancellation) is SubmissionDecision.Accept;

    /// <summary>Decides about an update, anew where the ledger moved on under the decision, and has it written down.</summary>
    /// <param name="claim">What is claimed about the update.</param>
    /// <param name="wasRead">Whether its bytes were wanted and read.</param>
    /// <param name="found">What was found wrong with them; null: nothing.</param>
    /// <param name="cancellation">Before the append only.</param>
    /// <exception cref="HostBusyException">Nothing was done; try again.</exception>
    public Task<SubmissionReply> DecideAsync(UpdateClaim claim, bool wasRead, UpdateFault? found, CancellationToken cancellation = default) =>
        Outrun.AgainAsync(async () =>
        {
            switch (await role.DecideAsync(claim, now(), found, cancellation))
            {
                // What was refused without a look at the bytes can have become acceptable only by another's step; the trainer asks again.
                case SubmissionDecision.Accept when !wasRead:
                    throw new HostBusyException($"participant '{claim.Participant}'");
                case SubmissionDecision.Accept accept:
                    return new SubmissionReply(true, null, await append(accept.Event, cancellation));
                case SubmissionDecision.Refuse refuse:
                    return new SubmissionReply(
                        false, refuse.Event.Detail, await append(refuse.Event, cancellation), refuse.Event.Reason, refuse.Blame);
                case SubmissionDecision.Repeat repeat:
                    return new SubmissionReply(true, null, await find(repeat.Event, cancellation));
                case SubmissionDecision.Turn turn:
                    return Turned(turn);
                default:
                    throw new InvalidOperationException("A participant role decides one of four ways.");
            }
        });

    static SubmissionReply Turned(SubmissionDecision.Turn turn) => new(false, turn.Problem, null, turn.Reason, turn.Blame);
}
