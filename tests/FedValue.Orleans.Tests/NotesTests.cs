using System.Collections.Concurrent;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;
using FedValue.Server.Tests.Support;
using Orleans.Streams;

namespace FedValue.Orleans.Tests;

/// <summary>What depends on notes, and what does not.</summary>
public sealed class NotesTests(RolesCluster cluster) : IClassFixture<RolesCluster>
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

    [Fact]
    public async Task Every_entry_is_noted_with_its_index_and_leaf_hash()
    {
        var (ledger, notes) = (new InMemoryLedgerStore(), new ConcurrentQueue<(string Stream, EntryNote Note)>());
        await ListenAsync("noted", notes);
        await using OrleansHost host = await cluster.OpenAsync(ledger, new InMemoryBlobStore(), "noted");
        await TinyFederation.BeginAsync(host);
        await TinyFederation.RoundAsync(host, 1);
        await host.OpenRoundAsync(TinyFederation.Participants);
        await host.AbandonRoundAsync(2, "The learning rate was wrong.", closesFederation: true);
        await AreNotedAsync(ledger, notes, from: 0);
    }

    [Fact]
    public async Task Every_slice_of_a_rounds_payouts_is_noted()
    {
        string[] ids = [.. Enumerable.Range(1, 401).Select(i => $"p{i:000}")];
        var (ledger, blobs, notes) = (new InMemoryLedgerStore(), new InMemoryBlobStore(), new ConcurrentQueue<(string Stream, EntryNote Note)>());
        await using (InProcessHost quiet = await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), new FixedClock()))
        {
            await quiet.CreateAsync(TinyFederation.Creation(policy: "equal", methods: ["cosine"]));
            foreach (string id in ids)
                await quiet.EnrolAsync(id, 100);
            await quiet.OpenRoundAsync(ids);
            foreach (string id in ids)
                Assert.True((await quiet.SubmitAsync(TinyFederation.Submission(id, 1))).IsAccepted);
        }
        long before = await ledger.SizeAsync();
        await ListenAsync("sliced", notes);
        await using OrleansHost host = await cluster.OpenAsync(ledger, blobs, "sliced");
        await host.CloseRoundAsync();
        Assert.Equal(before + 4, await ledger.SizeAsync()); // aggregated, valued, two slices
        await AreNotedAsync(ledger, notes, before);
    }

    [Fact]
    public async Task A_note_lets_the_contribution_grain_read_an_update_while_its_round_is_open()
    {
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using OrleansHost host = await cluster.OpenAsync(new InMemoryLedgerStore(), blobs);
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        UpdateSubmission update = TinyFederation.Submission("a", 1);
        HeldBlobStore.Hold hold = blobs.HoldBack(Digest.Of(update.Update.Span), after: 1); // the intake reads it back once
        Assert.True((await host.SubmitAsync(update)).IsAccepted);
        await hold.Asked.WaitAsync(Soon); // by nobody but the grain
        hold.LetGo();
        Assert.Equal(1, (await host.CloseRoundAsync()).Aggregated.Updates);
    }

    async Task ListenAsync(string federation, ConcurrentQueue<(string Stream, EntryNote Note)> notes)
    {
        IStreamProvider streams = cluster.Cluster.Client.GetStreamProvider(FederationStreams.Provider);
        foreach (string name in new[] { FederationStreams.Updates, FederationStreams.Rounds, FederationStreams.Entries })
        {
            await streams.Stream(name, federation).SubscribeAsync((note, _) =>
            {
                notes.Enqueue((name, note));
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>The notes of a ledger's entries from here on, on the streams they belong to, each once.</summary>
    static async Task AreNotedAsync(ILedgerStore ledger, ConcurrentQueue<(string Stream, EntryNote Note)> notes, long from)
    {
        var expected = new List<(string Stream, EntryNote Note)>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(from))
        {
            LedgerEvent written = EventJson.Parse(entry.Bytes.Span);
            var note = new EntryNote(entry.Index, written.GetType().Name, MerkleHash.Leaf(entry.Bytes.Span).ToString());
            expected.Add((FederationStreams.Entries, note));
            if (written is UpdateAccepted)
                expected.Add((FederationStreams.Updates, note));
            if (written is RoundAggregated)
                expected.Add((FederationStreams.Rounds, note));
        }
        using var late = new CancellationTokenSource(Soon);
        while (notes.Count < expected.Count && !late.IsCancellationRequested)
            await Task.Delay(20);
        static IEnumerable<(string, EntryNote)> Sorted(IEnumerable<(string Stream, EntryNote Note)> all) =>
            all.OrderBy(told => told.Note.Index).ThenBy(told => told.Stream, StringComparer.Ordinal);
        Assert.Equal(Sorted(expected), Sorted(notes));
    }
}
