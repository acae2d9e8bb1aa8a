using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Server.Tests.Support;

namespace FedValue.Orleans.Tests;

/// <summary>What depends on notes, and what does not.</summary>
public sealed class NotesTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Where_every_note_is_lost_every_entry_is_announced_all_the_same()
    {
        var lost = new LostNotes();
        await using SiloHosting silo = await SiloHosting.StartAsync(
            threads: 1, new FixedClock(), UnderTest.FreePort(), UnderTest.FreePort(), configure: lost.Configure);
        var ledger = new InMemoryLedgerStore();
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        long announced = 0;
        await using IFederationHost host = await silo.OpenAsync(
            "unheard", ledger, blobs, 1, new FixedClock(), head => Volatile.Write(ref announced, head.Size), CancellationToken.None);
        async Task IsAnnouncedAsync(long size)
        {
            Assert.Equal(size, await ledger.SizeAsync());
            Assert.Equal(size, Volatile.Read(ref announced)); // without any question that would have the host read
        }

        await AnyModelFederation.BeginAsync(host);
        long size = 1 + TinyFederation.Participants.Count;
        await IsAnnouncedAsync(size);
        await host.OpenRoundAsync(TinyFederation.Participants);
        await IsAnnouncedAsync(++size);
        foreach (string participant in TinyFederation.Participants)
        {
            await host.SubmitAsync(AnyModelFederation.Submission(participant, 1));
            await IsAnnouncedAsync(++size);
        }
        string last = TinyFederation.Participants.Order(StringComparer.Ordinal).Last();
        HeldBlobStore.Hold hold = blobs.HoldBack(Digest.Of(AnyModelFederation.Submission(last, 1).Update.Span), after: 1);
        Task<PaidRound> closing = host.CloseRoundAsync();
        await hold.Asked.WaitAsync(Soon); // it is being valued
        await IsAnnouncedAsync(++size);
        hold.LetGo();
        await closing.WaitAsync(Soon);
        await IsAnnouncedAsync(size += 2);
        await host.OpenRoundAsync(["a"]);
        await host.AbandonRoundAsync(2, "The learning rate was wrong.", closesFederation: true);
        await IsAnnouncedAsync(size += 3);
        Assert.InRange(lost.Count, 1, int.MaxValue);
    }
}
