using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Hosting;

// The long work of a round: aggregation and valuation, which read all updates.
public abstract partial class FederationHostContract
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(0)] // aggregation reads the update once
    [InlineData(1)] // then valuation
    public async Task A_close_that_is_given_up_while_it_reads_updates_ends_at_once_and_can_be_asked_for_again(int readings)
    {
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using IFederationHost host = await OpenAsync(Ledger, blobs, new FixedClock());
        await AnyModelFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await host.SubmitAsync(AnyModelFederation.Submission(participant, 1));
        string last = TinyFederation.Participants.Order(StringComparer.Ordinal).Last(); // the first is also read for its buffers
        HeldBlobStore.Hold hold = blobs.HoldBack(Digest.Of(AnyModelFederation.Submission(last, 1).Update.Span), readings);

        using var given = new CancellationTokenSource();
        Task<PaidRound> closing = host.CloseRoundAsync(cancellation: given.Token);
        await hold.Asked.WaitAsync(Soon);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing.WaitAsync(Soon));
        await hold.GivenUp.WaitAsync(Soon);
        FederationState state = await host.StateAsync();
        Assert.Equal((0, readings == 1), (state.RoundsPaid, state.Round?.Aggregated is not null));

        hold.LetGo();
        PaidRound paid = await host.CloseRoundAsync();
        await using IFederationHost quiet = await OpenInProcessAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock());
        await AnyModelFederation.BeginAsync(quiet);
        PaidRound expected = await AnyModelFederation.RoundAsync(quiet, 1);
        Assert.Equal(EventJson.Serialize(expected.Aggregated), EventJson.Serialize(paid.Aggregated));
        Assert.Equal(EventJson.Serialize(expected.Valued), EventJson.Serialize(paid.Valued));
        Assert.Equal(await quiet.HeadAsync(), await host.HeadAsync());
    }

    [Theory]
    [InlineData(0)] // held while it is aggregated
    [InlineData(1)] // held while it is valued
    public async Task Work_on_a_round_that_is_abandoned_keeps_no_later_round_waiting(int readings)
    {
        var blobs = new HeldBlobStore(Blobs);
        await using IFederationHost host = await OpenAsync(Ledger, blobs, new FixedClock());
        await AnyModelFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await host.SubmitAsync(AnyModelFederation.Submission(participant, 1));
        string last = TinyFederation.Participants.Order(StringComparer.Ordinal).Last();
        HeldBlobStore.Hold hold = blobs.HoldBack(Digest.Of(AnyModelFederation.Submission(last, 1).Update.Span), readings);
        Task<PaidRound> closing = host.CloseRoundAsync();
        await hold.Asked.WaitAsync(Soon);

        await host.AbandonRoundAsync(1, Why);
        PaidRound paid = await AnyModelFederation.RoundAsync(host, 2).WaitAsync(Soon);
        Assert.Equal((2, TinyFederation.Participants.Count), (paid.Payouts.Round, paid.Aggregated.Updates));
        hold.LetGo();
        await Assert.ThrowsAnyAsync<Exception>(() => closing.WaitAsync(Soon));
        Assert.Equal((1, 2), ((await host.StateAsync()).RoundsPaid, (await host.StateAsync()).LastRound));
        await AuditAsync();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("io")]
    public async Task A_failure_of_the_blob_store_is_heard_as_what_it_is_and_the_round_can_be_closed_when_it_is_over(string what)
    {
        var blobs = new HeldBlobStore(Blobs);
        await using IFederationHost host = await OpenAsync(Ledger, blobs, new FixedClock());
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await host.SubmitAsync(TinyFederation.Submission(participant, 1));
        Digest lost = Digest.Of(TinyFederation.Submission("b", 1).Update.Span);
        Exception fault = what switch
        {
            "missing" => new BlobMissingException(lost),
            "damaged" => new BlobDamagedException(lost, Digest.Of([1])),
            _ => new IOException("The disk is broken."),
        };
        blobs.Fault = digest => digest == lost ? fault : null;
        Exception heard = (await Record.ExceptionAsync(() => host.CloseRoundAsync()))!;
        Assert.Equal((fault.GetType(), fault.Message), (heard.GetType(), heard.Message));
        Assert.Equal((fault as BlobException)?.Digest, (heard as BlobException)?.Digest);
        Assert.Equal((fault as BlobDamagedException)?.Actual, (heard as BlobDamagedException)?.Actual);

        blobs.Fault = _ => null;
        Assert.Equal(TinyFederation.Participants.Count, (await host.CloseRoundAsync()).Aggregated.Updates);
    }

    [Fact]
    public async Task Updates_that_no_note_told_of_are_measured_when_the_round_is_valued()
    {
        // More than a turn reads at once, most of them accepted by another host.
        string[] ids = [.. Enumerable.Range(1, 10).Select(i => $"p{i:00}")];
        await using (IFederationHost other = await OpenInProcessAsync(Ledger, Blobs, new FixedClock()))
        {
            await other.CreateAsync(TinyFederation.Creation());
            foreach (string id in ids)
                await other.EnrolAsync(id, 100);
            await other.OpenRoundAsync(ids);
            foreach (string id in ids.Skip(1))
                await other.SubmitAsync(TinyFederation.Submission(id, 1));
        }
        await using IFederationHost host = await OpenAsync();
        await host.SubmitAsync(TinyFederation.Submission(ids[0], 1));
        PaidRound paid = await host.CloseRoundAsync();

        await using IFederationHost quiet = await OpenInProcessAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock());
        await quiet.CreateAsync(TinyFederation.Creation());
        foreach (string id in ids)
            await quiet.EnrolAsync(id, 100);
        PaidRound expected = await TinyFederation.RoundAsync(quiet, 1, ids);
        Assert.Equal(EventJson.Serialize(expected.Valued), EventJson.Serialize(paid.Valued));
    }
}
