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
        ILedgerView held = views.Of(key); // as a grain does
        store.Forget();
        for (int enrolled = 1; enrolled <= 5; enrolled++)
        {
            await host.EnrolAsync($"p{enrolled}", 10);
            int[] seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => (await views.Of(key).CurrentAsync()).Participants.Count));
            Assert.All(seen, count => Assert.Equal(enrolled, count));
        }
        Assert.Equal(1, store.WholeReads);
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task What_was_read_of_a_ledger_is_kept_as_long_as_somebody_looks_at_it()
    {
        await using var store = new CountingStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(store, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await host.CreateAsync(TinyFederation.Creation());
        var stores = new TestStores();
        string key = stores.Add(null, store, new InMemoryBlobStore());
        var views = new FederationViews(stores);
        store.Forget();
        ILedgerView held = views.Of(key);
        await held.CurrentAsync();
        await LookAsync(); // many grains of one federation
        Assert.Equal(1, store.WholeReads);
        GC.KeepAlive(held);

        held = null!; // the grains are put away
        await Task.Yield();
        await LookAsync();
        Assert.Equal(2, store.WholeReads);

        async Task LookAsync()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            await views.Of(key).CurrentAsync();
        }
    }

    [Fact]
    public async Task The_setup_of_another_federation_under_the_same_key_is_another()
    {
        var stores = new TestStores();
        var setups = new FederationSetups(stores);
        var views = new FederationViews(stores);
        FederationSetup[] found = new FederationSetup[2];
        string? key = null;
        for (int run = 0; run < 2; run++)
        {
            var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
            await using InProcessHost host = await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), new FixedClock());
            await host.CreateAsync(TinyFederation.Creation(methods: [run == 0 ? "exact" : "cosine"]));
            key = stores.Add(key, ledger, blobs);
            found[run] = await setups.GetAsync(key, views.Of(key));
            Assert.Same(found[run], await setups.GetAsync(key, views.Of(key)));
        }
        Assert.Equal(["exact"], found[0].Terms.Methods);
        Assert.Equal(["cosine"], found[1].Terms.Methods);
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
