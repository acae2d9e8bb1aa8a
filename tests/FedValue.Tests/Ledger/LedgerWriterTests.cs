using FedValue.Contracts.Ledger;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger;

public class LedgerWriterTests
{
    static readonly SmallFederation Federation = new();

    [Fact]
    public async Task Every_append_returns_receipts_that_verify()
    {
        InMemoryLedgerStore store = new();
        LedgerWriter writer = await LedgerWriter.OpenAsync(store);
        List<TreeHead> heads = [];
        int index = 0;
        foreach (LedgerEvent[] batch in Federation.Events.Chunk(3))
        {
            IReadOnlyList<Receipt> receipts = await writer.AppendAsync(batch);
            Assert.Equal(batch.Length, receipts.Count);
            foreach ((Receipt receipt, LedgerEvent e) in receipts.Zip(batch))
            {
                Assert.Equal(index++, receipt.Index);
                Assert.Equal(MerkleHash.Leaf(EventJson.Serialize(e)), receipt.LeafHash);
                Assert.Equal(writer.Head, receipt.Head);
                Assert.True(InclusionProof.Verify(receipt.Index, receipt.LeafHash, receipt.Head, receipt.Proof));
            }

            heads.Add(writer.Head);
        }

        Assert.Equal(Federation.Events.Count, await store.SizeAsync());
        Assert.True(writer.State.IsClosed);
        Assert.All(heads, head => Assert.True(ConsistencyProof.Verify(head, writer.Head, writer.Consistency(head.Size)!.Value.Proof)));
        for (int i = 0; i < writer.Head.Size; i++)
        {
            Receipt receipt = writer.ReceiptFor(i);
            Assert.True(InclusionProof.Verify(i, receipt.LeafHash, writer.Head, receipt.Proof));
        }
    }

    [Fact]
    public async Task A_writer_that_opens_a_ledger_goes_on_where_the_last_one_stopped()
    {
        InMemoryLedgerStore store = new();
        LedgerWriter first = await LedgerWriter.OpenAsync(store);
        await first.AppendAsync([.. Federation.Events.Take(10)]);
        LedgerWriter second = await LedgerWriter.OpenAsync(store);
        Assert.Equal(first.Head, second.Head);
        await second.AppendAsync([.. Federation.Events.Skip(10)]);
        Assert.Equal([750, 667, 333, 250], second.State.Balances.Values);
    }

    [Fact]
    public async Task A_batch_with_an_illegal_event_changes_neither_the_store_nor_the_state()
    {
        InMemoryLedgerStore store = new();
        LedgerWriter writer = await LedgerWriter.OpenAsync(store);
        await writer.AppendAsync([.. Federation.Events.Take(2)]);
        (FederationState state, TreeHead head) = (writer.State, writer.Head);

        LedgerEvent[] batch = [Federation.Events[2], Federation.Events[3], Federation.Events[2]];
        await Assert.ThrowsAsync<LedgerOrderException>(() => writer.AppendAsync(batch));
        UpdateRefused tooLong = Federation.Event<UpdateRefused>() with { Detail = new string('x', LedgerEntry.LengthMax) };
        await Assert.ThrowsAsync<LedgerFormatException>(() => writer.AppendAsync([Federation.Events[2], tooLong]));

        Assert.Equal(2, await store.SizeAsync());
        Assert.Same(state, writer.State);
        Assert.Equal(["bob"], writer.State.Participants.Keys);
        Assert.Equal(head, writer.Head);
        await writer.AppendAsync([.. Federation.Events.Skip(2)]);
        Assert.True(writer.State.IsClosed);
    }

    [Fact]
    public async Task A_state_that_was_handed_out_does_not_change()
    {
        LedgerWriter writer = await LedgerWriter.OpenAsync(new InMemoryLedgerStore());
        FederationState before = writer.State;
        await writer.AppendAsync([Federation.Events[0]]);
        Assert.Null(before.Created);
        Assert.NotNull(writer.State.Created);
    }

    [Fact]
    public async Task The_loser_of_a_race_knows_what_the_winner_wrote_and_may_try_again()
    {
        InMemoryLedgerStore store = new();
        LedgerWriter red = await LedgerWriter.OpenAsync(store);
        await red.AppendAsync([Federation.Events[0]]);
        LedgerWriter blue = await LedgerWriter.OpenAsync(store);
        await red.AppendAsync([new ParticipantEnrolled("eve", 5, 0)]);

        LedgerConflictException conflict = await Assert.ThrowsAsync<LedgerConflictException>(
            () => blue.AppendAsync([new ParticipantEnrolled("eve", 6, 0)]));
        Assert.Equal((1, 2), (conflict.Expected, conflict.Actual));
        Assert.Equal(red.Head, blue.Head);
        Assert.Equal(5, blue.State.Participants["eve"].DeclaredExamples);
        await Assert.ThrowsAsync<LedgerOrderException>(() => blue.AppendAsync([new ParticipantEnrolled("eve", 6, 0)]));
        Assert.Equal(2, Assert.Single(await blue.AppendAsync([new ParticipantEnrolled("fay", 6, 0)])).Index);
    }

    [Fact]
    public async Task Racing_writers_enrol_everybody_once_with_receipts_for_one_history()
    {
        const int writers = 4;
        const int each = 20;
        InMemoryLedgerStore store = new();
        await (await LedgerWriter.OpenAsync(store)).AppendAsync([Federation.Events[0]]);
        Receipt[][] receipts = await Task.WhenAll(Enumerable.Range(0, writers).Select(i => Task.Run(async () =>
        {
            LedgerWriter writer = await LedgerWriter.OpenAsync(store);
            List<Receipt> mine = [];
            while (mine.Count < each)
            {
                try
                {
                    mine.AddRange(await writer.AppendAsync([new ParticipantEnrolled($"p{i}-{mine.Count}", 1, 0)]));
                }
                catch (LedgerConflictException)
                {
                }
            }

            return mine.ToArray();
        })));

        LedgerWriter last = await LedgerWriter.OpenAsync(store);
        Assert.Equal(writers * each, last.State.Participants.Count);
        Receipt[] all = [.. receipts.SelectMany(mine => mine)];
        Assert.Equal(Enumerable.Range(1, writers * each).Select(i => (long)i), all.Select(receipt => receipt.Index).Order());
        Assert.All(all, receipt =>
        {
            Assert.Equal(last.ReceiptFor(receipt.Index).LeafHash, receipt.LeafHash);
            Assert.True(InclusionProof.Verify(receipt.Index, receipt.LeafHash, receipt.Head, receipt.Proof));
            Assert.True(ConsistencyProof.Verify(receipt.Head, last.Head, last.Consistency(receipt.Head.Size)!.Value.Proof));
        });
    }

    [Fact]
    public async Task A_damaged_ledger_is_not_written_to()
    {
        List<LedgerEntry> entries = await StoredEntries.ReadAsync(await Federation.LedgerAsync());
        entries[4] = entries[4] with { Bytes = EventJson.Serialize(new ParticipantEnrolled("eve", 1, 0)) };
        DoctoredLedger doctored = new(entries);
        LedgerFormatException leaf = await Assert.ThrowsAsync<LedgerFormatException>(() => LedgerWriter.OpenAsync(doctored));
        Assert.Contains("Entry 4 ", leaf.Message);

        entries.RemoveAt(4);
        DoctoredLedger incomplete = new(entries);
        LedgerFormatException gap = await Assert.ThrowsAsync<LedgerFormatException>(() => LedgerWriter.OpenAsync(incomplete));
        Assert.Contains("Expected entry 4 next, but entry 5", gap.Message);

        DoctoredLedger garbage = DoctoredLedger.Consistent(["{}"u8.ToArray()]);
        await Assert.ThrowsAsync<LedgerFormatException>(() => LedgerWriter.OpenAsync(garbage));
        DoctoredLedger illegal = DoctoredLedger.Consistent([EventJson.Serialize(Federation.Events[1])]);
        await Assert.ThrowsAsync<LedgerOrderException>(() => LedgerWriter.OpenAsync(illegal));
    }

    [Fact]
    public async Task A_ledger_that_was_set_back_is_not_written_to()
    {
        SetBackStore store = new();
        LedgerWriter writer = await LedgerWriter.OpenAsync(store);
        await writer.AppendAsync([.. Federation.Events.Take(3)]);
        await store.SetBackAsync(2);
        LedgerFormatException refused = await Assert.ThrowsAsync<LedgerFormatException>(() => writer.AppendAsync([Federation.Events[3]]));
        Assert.Contains("set back", refused.Message);
        Assert.Equal(2, await store.SizeAsync());
    }

    [Fact]
    public async Task A_cancelled_append_changes_nothing()
    {
        InMemoryLedgerStore store = new();
        LedgerWriter writer = await LedgerWriter.OpenAsync(store);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => writer.AppendAsync([Federation.Events[0]], new CancellationToken(canceled: true)));
        Assert.Equal(0, writer.Head.Size);
        Assert.Null(writer.State.Created);
        await writer.AppendAsync([Federation.Events[0]]);
        Assert.Equal(1, await store.SizeAsync());
    }

    /// <summary>A store of which somebody restores an old copy.</summary>
    sealed class SetBackStore : ILedgerStore
    {
        InMemoryLedgerStore _store = new();

        public async Task SetBackAsync(int size)
        {
            List<LedgerEntry> kept = await StoredEntries.ReadAsync(_store);
            _store = new InMemoryLedgerStore();
            await _store.AppendAsync(0, [.. kept.Take(size).Select(entry => entry.Bytes)]);
        }

        public ValueTask<long> SizeAsync(CancellationToken ct = default) => _store.SizeAsync(ct);

        public ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default) =>
            _store.AppendAsync(expectedSize, entries, ct);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(long from, CancellationToken ct = default) => _store.ReadAsync(from, ct);

        public ValueTask DisposeAsync() => _store.DisposeAsync();
    }
}
