using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;

namespace FedValue.Orleans.Tests;

public sealed class FederationViewsTests
{
    [Fact]
    public async Task All_who_ask_share_one_fold_and_each_sees_what_was_there_when_it_asked()
    {
        await using var store = new CountingStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(store, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await host.CreateAsync(TinyFederation.Creation());
        var stores = new TestStores();
        string key = stores.Add(null, store, new InMemoryBlobStore());
        var views = new FederationViews(stores);
        store.Forget();
        for (int enrolled = 1; enrolled <= 5; enrolled++)
        {
            await host.EnrolAsync($"p{enrolled}", 10);
            int[] seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => (await views.Of(key).CurrentAsync()).Participants.Count));
            Assert.All(seen, count => Assert.Equal(enrolled, count));
        }
        Assert.Equal(1, store.WholeReads);
    }

    [Fact]
    public async Task A_reading_that_failed_is_begun_anew_and_another_store_is_read_at_once()
    {
        await using var store = new CountingStore { Fails = true };
        var stores = new TestStores();
        string key = stores.Add(null, store, new InMemoryBlobStore());
        var views = new FederationViews(stores);
        ILedgerView view = views.Of(key);
        await Assert.ThrowsAsync<IOException>(async () => await view.CurrentAsync());
        store.Fails = false;
        Assert.Null((await view.CurrentAsync()).Created);

        await using var other = new CountingStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(other, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await host.CreateAsync(TinyFederation.Creation());
        stores.Add(key, other, new InMemoryBlobStore());
        Assert.NotNull((await views.Of(key).CurrentAsync()).Created);
    }
}
