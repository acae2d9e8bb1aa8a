using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>What a host and its grains ask of their stores, and what is heard of a store that fails.</summary>
public sealed class StoreTests(RolesCluster cluster) : IClassFixture<RolesCluster>
{
    [Fact]
    public async Task A_close_reads_no_entry_of_the_rounds_before_it()
    {
        await using var store = new CountingStore();
        await using OrleansHost host = await cluster.OpenAsync(store, new InMemoryBlobStore());
        await TinyFederation.BeginAsync(host);
        await TinyFederation.RoundAsync(host, 1); // every grain has folded the ledger once
        long size = (await host.HeadAsync()).Size;
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await host.SubmitAsync(TinyFederation.Submission(participant, 2));
        store.Forget();
        PaidRound paid = await host.CloseRoundAsync();
        Assert.Equal((2, 2), (paid.Aggregated.Round, paid.Payouts.Round));
        Assert.Equal(paid.Aggregated.Updates, paid.Payouts.Payouts.Count);
        Assert.Contains(store.ReadFrom, from => from >= size);
        Assert.DoesNotContain(store.ReadFrom, from => from < size);
    }

    [Fact]
    public async Task A_manifest_that_is_missing_is_said_to_be_that_when_a_grain_needs_it()
    {
        await using var store = new CountingStore();
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using (OrleansHost first = await cluster.OpenAsync(store, blobs))
            await TinyFederation.BeginAsync(first);
        await using OrleansHost host = await cluster.OpenAsync(store, blobs); // other grains
        Digest manifest = (await host.StateAsync()).Created!.Manifest;
        blobs.Fault = digest => digest == manifest ? new BlobMissingException(digest) : null;
        Assert.Equal(
            manifest, (await Assert.ThrowsAsync<BlobMissingException>(() => host.OpenRoundAsync(TinyFederation.Participants))).Digest);
        blobs.Fault = _ => null;
        await host.OpenRoundAsync(TinyFederation.Participants);
    }

    [Fact]
    public async Task A_disk_that_fails_is_said_to_be_that_by_every_role()
    {
        await using var store = new CountingStore();
        await using OrleansHost host = await cluster.OpenAsync(store, new InMemoryBlobStore());
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        store.Fails = true;
        Func<Task>[] questions =
        [
            () => host.EnrolAsync("late", 10), () => host.SubmitAsync(TinyFederation.Submission("a", 1)),
            () => cluster.Cluster.GrainFactory.GetGrain<Grains.IAggregatorGrain>(host.Federation).OpenRoundAsync(["a"]).ContinueWith(
                opened => throw opened.Result.Failure!.ToException(), TaskScheduler.Default),
        ];
        foreach (Func<Task> question in questions)
            Assert.Equal("The disk is broken.", (await Assert.ThrowsAsync<IOException>(question)).Message);
        store.Fails = false;
        Assert.True((await host.SubmitAsync(TinyFederation.Submission("a", 1))).IsAccepted);
        Assert.Equal(1, (await host.CloseRoundAsync()).Aggregated.Updates);
    }
}
