using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>Gives <see cref="Participant"/> its turns.</summary>
sealed class ParticipantGrain(FederationViews views, TimeProvider clock) : Grain, IParticipantGrain
{
    /// <summary>How often a decision is taken anew after the ledger moved on under it.</summary>
    const int AttemptsMax = 8;

    Participant _role = null!; // there from activation on
    ILedgerView _ledger = null!;
    ILedgerGrain _writer = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (string federation, string participant) = GrainKey.Split(this.GetPrimaryKeyString());
        _ledger = views.Of(federation);
        _role = new Participant(participant, _ledger);
        _writer = GrainFactory.GetGrain<ILedgerGrain>(federation);
        return Task.CompletedTask;
    }

    public async Task<bool> WantsAsync(ClaimMessage claim) =>
        await IsEnrolledAsync(claim) && await _role.DecideAsync(claim.ToClaim(), Now()) is SubmissionDecision.Accept;

    public async Task<SubmissionMessage> SubmitAsync(ClaimMessage claim, IntakeMessage intake)
    {
        if (!await IsEnrolledAsync(claim))
        {
            SubmissionReply unknown = SubmissionReply.Unknown($"There is no participant '{claim.Participant}'; enrol it first.", claim.Participant);
            return new SubmissionMessage(false, unknown.Problem, unknown.Reason, null, Blame: BlameMessage.Of(unknown.Blame));
        }
        for (int attempt = 1; ; attempt++)
        {
            SubmissionMessage reply = await DecideAsync(claim.ToClaim(), intake);
            if (reply.Failure is not { IsOutrun: true } || attempt == AttemptsMax)
                return reply;
        }
    }

    async Task<SubmissionMessage> DecideAsync(UpdateClaim claim, IntakeMessage intake)
    {
        switch (await _role.DecideAsync(claim, Now(), intake.Fault))
        {
            case SubmissionDecision.Accept when !intake.WasRead:
                return new SubmissionMessage(false, null, null, null, FailureMessage.Of(new HostBusyException($"participant '{claim.Participant}'")));
            case SubmissionDecision.Accept accept:
                AppendMessage appended = await _writer.AppendAsync([EventJson.Serialize(accept.Event)]);
                return new SubmissionMessage(appended.Failure is null, null, null, appended.Receipts.FirstOrDefault(), appended.Failure);
            case SubmissionDecision.Refuse refuse:
                AppendMessage refused = await _writer.AppendAsync([EventJson.Serialize(refuse.Event)]);
                return new SubmissionMessage(
                    false, refuse.Event.Detail, refuse.Event.Reason, refused.Receipts.FirstOrDefault(), refused.Failure,
                    BlameMessage.Of(refuse.Blame));
            case SubmissionDecision.Repeat repeat:
                return new SubmissionMessage(true, null, null, await _writer.FindReceiptAsync(EventJson.Serialize(repeat.Event)));
            case SubmissionDecision.Turn turn:
                return new SubmissionMessage(false, turn.Problem, turn.Reason, null, Blame: BlameMessage.Of(turn.Blame));
            default:
                throw new InvalidOperationException("A participant role decides one of four ways.");
        }
    }

    async Task<bool> IsEnrolledAsync(ClaimMessage claim) =>
        (await _ledger.CurrentAsync()).Participants.ContainsKey(claim.Participant);

    long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
