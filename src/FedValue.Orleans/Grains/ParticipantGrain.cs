using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger.Events;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>Gives <see cref="Participant"/> its turns.</summary>
sealed class ParticipantGrain(FederationViews views, FederationClocks clocks) : Grain, IParticipantGrain
{
    SubmissionTurn _turn = null!; // there from activation on
    ILedgerView _ledger = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (string federation, string participant) = GrainKey.Split(this.GetPrimaryKeyString());
        _ledger = views.Of(federation);
        ILedgerGrain writer = GrainFactory.GetGrain<ILedgerGrain>(federation);
        _turn = new SubmissionTurn(
            new Participant(participant, _ledger), () => clocks.Ledger.GetUtcNow().ToUnixTimeMilliseconds(),
            async (decided, _) => (await writer.AppendAsync([EventJson.Serialize(decided)])).Single()!,
            async (repeated, _) => (await writer.FindReceiptAsync(EventJson.Serialize(repeated))).Single());
        return Task.CompletedTask;
    }

    public async Task<WantedMessage> WantsAsync(ClaimMessage claim)
    {
        try
        {
            return new WantedMessage(await IsEnrolledAsync(claim) && await _turn.WantsAsync(claim.ToClaim()));
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return new WantedMessage(false, FailureMessage.Of(failed));
        }
    }

    public async Task<SubmissionMessage> SubmitAsync(ClaimMessage claim, IntakeMessage intake)
    {
        try
        {
            return SubmissionMessage.Of(await IsEnrolledAsync(claim)
                ? await _turn.DecideAsync(claim.ToClaim(), intake.WasRead, intake.Fault)
                : SubmissionTurn.Unknown(claim.Participant));
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return SubmissionMessage.Failed(FailureMessage.Of(failed));
        }
    }

    async Task<bool> IsEnrolledAsync(ClaimMessage claim) =>
        (await _ledger.CurrentAsync()).Participants.ContainsKey(claim.Participant);
}
