using FedValue.Ledger;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Ledger;

/// <summary>What every ledger store promises.</summary>
public abstract class LedgerStoreContract
{
    /// <summary>A store without entries.</summary>
    protected abstract Task<ILedgerStore> CreateAsync();

    [Fact]
    public async Task A_new_store_is_empty()
    {
        await using ILedgerStore store = await CreateAsync();
        Assert.Equal(0, await store.SizeAsync());
        Assert.Empty(await StoredEntries.ReadAsync(store));
    }

    [Fact]
    public async Task Entries_come_back_in_order_with_their_bytes_and_leaf_hashes()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b"));
        await store.AppendAsync(2, StoredEntries.Of("c"));

        Assert.Equal(3, await store.SizeAsync());
        List<LedgerEntry> entries = await StoredEntries.ReadAsync(store);
        Assert.Equal(["a", "b", "c"], StoredEntries.Texts(entries));
        Assert.Equal([0, 1, 2], entries.Select(entry => entry.Index));
        Assert.All(entries, entry => Assert.Equal(MerkleHash.Leaf(entry.Bytes.Span), entry.LeafHash));
    }

    [Fact]
    public async Task Bytes_come_back_exactly_whatever_they_are()
    {
        byte[] everyByte = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        ReadOnlyMemory<byte>[] entries =
        [
            .. StoredEntries.Of("{ \"b\" : 1.0,\r\n\t\"a\": 1e2 }  ", "\u00e9 is not e\u0301", "\uFEFF{}", "\0"),
            everyByte,
            new byte[] { 0xc3, 0x28, 0xff },
        ];
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, entries);

        List<LedgerEntry> read = await StoredEntries.ReadAsync(store);
        Assert.Equal(entries.Select(entry => entry.ToArray()), read.Select(entry => entry.Bytes.ToArray()));
    }

    [Fact]
    public async Task The_longest_entry_fits_and_a_longer_or_empty_one_is_refused_with_its_whole_batch()
    {
        await using ILedgerStore store = await CreateAsync();
        byte[] longest = [.. Enumerable.Range(0, LedgerEntry.LengthMax).Select(i => (byte)(i * 7))];
        await store.AppendAsync(0, [longest]);
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.AppendAsync(1, [longest, new byte[LedgerEntry.LengthMax + 1]]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.AppendAsync(1, [longest, Array.Empty<byte>()]));

        LedgerEntry only = Assert.Single(await StoredEntries.ReadAsync(store));
        Assert.Equal(longest, only.Bytes.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    public async Task An_append_at_another_size_is_a_conflict_and_writes_nothing(long expected)
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b"));

        LedgerConflictException conflict = await Assert.ThrowsAsync<LedgerConflictException>(
            async () => await store.AppendAsync(expected, StoredEntries.Of("c")));
        Assert.Equal((expected, 2), (conflict.Expected, conflict.Actual));
        Assert.Equal(["a", "b"], StoredEntries.Texts(await StoredEntries.ReadAsync(store)));
    }

    [Fact]
    public async Task An_empty_batch_compares_the_size_and_writes_nothing()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, []);
        await Assert.ThrowsAsync<LedgerConflictException>(async () => await store.AppendAsync(1, []));
        Assert.Equal(0, await store.SizeAsync());
    }

    [Fact]
    public async Task A_read_begins_where_it_is_told()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b", "c"));

        Assert.Equal(["b", "c"], StoredEntries.Texts(await StoredEntries.ReadAsync(store, from: 1)));
        Assert.Empty(await StoredEntries.ReadAsync(store, from: 3));
        Assert.Empty(await StoredEntries.ReadAsync(store, from: 4));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => StoredEntries.ReadAsync(store, from: -1));
    }

    [Fact]
    public async Task A_read_ends_at_the_size_when_it_began()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b"));

        List<LedgerEntry> entries = [];
        await foreach (LedgerEntry entry in store.ReadAsync(0))
        {
            entries.Add(entry);
            await store.AppendAsync(await store.SizeAsync(), StoredEntries.Of("later"));
        }

        Assert.Equal(["a", "b"], StoredEntries.Texts(entries));
        Assert.Equal(4, await store.SizeAsync());
    }

    [Fact]
    public async Task A_reader_that_stops_half_way_keeps_nobody_waiting()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b"));
        await using IAsyncEnumerator<LedgerEntry> reader = store.ReadAsync(0).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        await store.AppendAsync(2, StoredEntries.Of("c"));
        Assert.Equal(3, await store.SizeAsync());
    }

    [Fact]
    public async Task The_store_keeps_its_own_copy_of_the_bytes()
    {
        await using ILedgerStore store = await CreateAsync();
        byte[] buffer = "mine"u8.ToArray();
        await store.AppendAsync(0, [buffer]);
        buffer.AsSpan().Clear();
        Assert.Equal(["mine"], StoredEntries.Texts(await StoredEntries.ReadAsync(store)));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        await using ILedgerStore store = await CreateAsync();
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.AppendAsync(0, StoredEntries.Of("a"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.SizeAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StoredEntries.ReadAsync(store, ct: cancelled));
        Assert.Equal(0, await store.SizeAsync());
    }

    [Fact]
    public async Task A_read_can_be_cancelled_between_two_entries()
    {
        await using ILedgerStore store = await CreateAsync();
        await store.AppendAsync(0, StoredEntries.Of("a", "b", "c"));
        using CancellationTokenSource source = new();
        List<LedgerEntry> entries = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (LedgerEntry entry in store.ReadAsync(0, source.Token))
            {
                entries.Add(entry);
                await source.CancelAsync();
            }
        });
        Assert.Equal(["a"], StoredEntries.Texts(entries));
    }

    [Fact]
    public async Task Many_entries_in_batches_of_every_size_come_back_complete()
    {
        await using ILedgerStore store = await CreateAsync();
        int size = 0;
        for (int batch = 1; batch <= 150; batch++)
        {
            await store.AppendAsync(size, StoredEntries.Of([.. Enumerable.Range(size, batch).Select(i => $"entry {i}")]));
            size += batch;
        }

        List<LedgerEntry> entries = await StoredEntries.ReadAsync(store);
        Assert.Equal(Enumerable.Range(0, size).Select(i => $"entry {i}"), StoredEntries.Texts(entries));
        Assert.Equal(Enumerable.Range(0, size).Select(i => (long)i), entries.Select(entry => entry.Index));
    }

    [Fact]
    public async Task Of_two_writers_at_one_size_exactly_one_wins()
    {
        await using ILedgerStore store = await CreateAsync();
        for (int size = 0; size < 50; size++)
        {
            bool[] won = await Task.WhenAll(
                Task.Run(() => StoredEntries.TryAppendAsync(store, size, "red")),
                Task.Run(() => StoredEntries.TryAppendAsync(store, size, "blue")));
            Assert.Single(won, true);
            Assert.Equal(size + 1, await store.SizeAsync());
        }
    }

    [Fact]
    public async Task Racing_writers_lose_nothing_and_duplicate_nothing()
    {
        const int writers = 8;
        const int entriesEach = 25;
        await using ILedgerStore store = await CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < entriesEach; i++)
            {
                while (!await StoredEntries.TryAppendAsync(store, await store.SizeAsync(), $"{writer}:{i}"))
                {
                }
            }
        })));

        List<LedgerEntry> entries = await StoredEntries.ReadAsync(store);
        Assert.Equal(Enumerable.Range(0, writers * entriesEach).Select(i => (long)i), entries.Select(entry => entry.Index));
        for (int writer = 0; writer < writers; writer++)
        {
            IEnumerable<string> mine = StoredEntries.Texts(entries).Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, entriesEach).Select(i => $"{writer}:{i}"), mine);
        }
    }
}
