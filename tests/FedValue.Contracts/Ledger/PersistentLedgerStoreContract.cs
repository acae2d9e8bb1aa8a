using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Ledger;

/// <summary>What a ledger store promises besides, when its entries outlive it.</summary>
public abstract class PersistentLedgerStoreContract : LedgerStoreContract
{
    /// <summary>Opens what the last created store holds once more.</summary>
    protected abstract Task<ILedgerStore> OpenAgainAsync();

    [Fact]
    public async Task Entries_outlive_the_store()
    {
        await using (ILedgerStore store = await CreateAsync())
            await store.AppendAsync(0, StoredEntries.Of("a", "b"));

        await using (ILedgerStore store = await OpenAgainAsync())
        {
            Assert.Equal(2, await store.SizeAsync());
            await store.AppendAsync(2, StoredEntries.Of("c"));
        }

        await using ILedgerStore last = await OpenAgainAsync();
        Assert.Equal(["a", "b", "c"], StoredEntries.Texts(await StoredEntries.ReadAsync(last)));
    }

    [Fact]
    public async Task An_empty_store_stays_one_when_opened_again()
    {
        await (await CreateAsync()).DisposeAsync();
        await using ILedgerStore store = await OpenAgainAsync();
        Assert.Equal(0, await store.SizeAsync());
    }

    [Fact]
    public async Task Two_stores_over_the_same_entries_lose_nothing_to_each_other()
    {
        const int entriesEach = 40;
        await using ILedgerStore red = await CreateAsync();
        await using ILedgerStore blue = await OpenAgainAsync();
        await Task.WhenAll(new[] { red, blue }.Select((store, writer) => Task.Run(async () =>
        {
            for (int i = 0; i < entriesEach; i++)
            {
                while (!await StoredEntries.TryAppendAsync(store, await store.SizeAsync(), $"{writer}:{i}"))
                {
                }
            }
        })));

        List<string> texts = [.. StoredEntries.Texts(await StoredEntries.ReadAsync(red))];
        Assert.Equal(2 * entriesEach, texts.Count);
        for (int writer = 0; writer < 2; writer++)
        {
            IEnumerable<string> mine = texts.Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, entriesEach).Select(i => $"{writer}:{i}"), mine);
        }
    }
}
