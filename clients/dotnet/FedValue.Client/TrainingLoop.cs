using System.Net;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>An update that was accepted.</summary>
/// <param name="Round">The round.</param>
/// <param name="Update">The digest of the update.</param>
/// <param name="Examples">How many examples were claimed.</param>
/// <param name="Loss">The training loss that was claimed, in nats; null: none.</param>
/// <param name="Receipt">Keep it: with it a lost or changed entry can be shown.</param>
public sealed record SubmittedRound(int Round, Digest Update, long Examples, double? Loss, Receipt Receipt);

/// <summary>
/// Trains and submits in every round to which the participant is invited, until the federation has ended. What it does follows from the round
/// announcement alone; events only wake it, so a restart of either side goes on where the ledger is.
/// </summary>
sealed class TrainingLoop(
    FedValueClient client, ITrainer trainer, ClientOptions options, Func<SubmittedRound, CancellationToken, Task>? submitted)
{
    const string Abandoned = "round-abandoned";

    static readonly string[] Waking = ["round-opened", "payouts-posted", Abandoned, FederationEvent.Closed];

    int _done;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await client.RecoverAsync(cancellation);
        var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long from = (await client.HeadAsync(cancellation)).Size; // before the first look at the round, so that nothing falls between
        Task listening = ListenAsync(from, wake.Writer, stop.Token);
        try
        {
            while (await client.RoundAsync(cancellation) is { Status: not RoundStatus.Closed } now)
            {
                if (await IsForUsAsync(now, cancellation))
                    await TakePartAsync(now, cancellation);
                else
                    await WaitAsync(wake.Reader, cancellation);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening;
        }
    }

    async Task<bool> IsForUsAsync(RoundAnnouncement now, CancellationToken cancellation)
    {
        if (now is not { Round: { } round, Model: not null } || round <= _done
            || now.Cohort?.Contains(client.Participant) != true || now.Submitted?.Contains(client.Participant) == true)
            return false;
        if (client.State.OfRound(round, client.Participant) is { } kept)
        {
            // The receipt says that the update was durable: a ledger without it has lost it, and another update would be a second one.
            await client.VerifyReceiptAsync(kept.Receipt, cancellation);
            return false;
        }
        return now.Status == RoundStatus.Open;
    }

    async Task TakePartAsync(RoundAnnouncement now, CancellationToken cancellation)
    {
        int round = now.Round!.Value;
        Digest digest = now.Model!.Value;
        Federation federation = await client.FederationAsync(cancellation);
        using ModelOnDisk? onDisk = federation.Manifest.FileLengthMax > options.HeldModelBytes ? new ModelOnDisk() : null;
        IBlobContent content = await DownloadAsync(digest, onDisk, cancellation);
        LocalUpdate update = await trainer.FitAsync(new RoundModel(round, digest, federation.Manifest, content), cancellation);
        if (client.State.Declared is { } declared && update.Examples > declared)
            throw new ArgumentException($"{declared} examples were declared at enrolment, but the trainer says that it took {update.Examples}.");
        Digest sent = await update.DigestAsync(cancellation);
        Receipt receipt;
        try
        {
            receipt = await client.SubmitAsync(round, digest, update, cancellation);
        }
        catch (FederationException late) when (late is { Status: HttpStatusCode.Conflict, Code: not "equivocation" })
        {
            await client.RecoverAsync(cancellation);
            if (client.State.OfRound(round, client.Participant) is not { } kept || kept.Update != sent)
            {
                if (await client.RoundAsync(cancellation) is { Status: RoundStatus.Open } still && still.Round == round)
                    throw; // not late: the round still takes updates, but not this one
                _done = round;
                options.Notices?.Report($"Round {round} closed before the update arrived: {late.Message}");
                return;
            }
            receipt = kept.Receipt;
        }
        _done = round;
        if (options.VerifyReceipts)
            await CheckAsync(round, sent, receipt, cancellation);
        if (submitted is not null)
            await submitted(new SubmittedRound(round, sent, update.Examples, update.Loss, receipt), cancellation);
    }

    async Task<IBlobContent> DownloadAsync(Digest digest, ModelOnDisk? onDisk, CancellationToken cancellation)
    {
        if (onDisk is null)
            return new HeldModel(await client.DownloadModelAsync(digest, cancellation));
        await using Stream file = onDisk.OpenWrite();
        await client.DownloadModelAsync(digest, file, cancellation);
        return onDisk;
    }

    async Task CheckAsync(int round, Digest sent, Receipt receipt, CancellationToken cancellation)
    {
        LedgerEvent entry = client.State.EventOf(receipt) ?? await client.VerifyReceiptAsync(receipt, cancellation);
        if (entry is not UpdateAccepted accepted || (accepted.Round, accepted.Participant, accepted.Update) != (round, client.Participant, sent))
        {
            throw new TamperingException(
                $"The receipt for the update {sent} of round {round} is that of entry {receipt.Index}, which says something else.");
        }
    }

    async Task ListenAsync(long from, ChannelWriter<bool> wake, CancellationToken cancellation)
    {
        try
        {
            await foreach (FederationEvent happened in client.EventsAsync(from, cancellation))
            {
                if (happened.Type == Abandoned && happened.Parse() is RoundAbandoned given)
                    options.Notices?.Report($"Round {given.Round} was abandoned and is not paid: {given.Reason}");
                if (Waking.Contains(happened.Type))
                    wake.TryWrite(true);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (FederationException lost)
        {
            options.Notices?.Report($"{lost.Message} The round is asked for every {options.PollEvery.TotalSeconds:0} seconds instead.");
        }
        catch (Exception failure)
        {
            wake.TryComplete(failure);
        }
        wake.TryWrite(true);
    }

    async Task WaitAsync(ChannelReader<bool> wake, CancellationToken cancellation)
    {
        using var poll = new CancellationTokenSource(options.PollEvery, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellation);
        try
        {
            await wake.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }
        catch (ChannelClosedException closed) when (closed.InnerException is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
