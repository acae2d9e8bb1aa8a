using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Grains;
using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;
using Orleans.Runtime;
using Orleans.Streams;

namespace FedValue.Orleans.Tests;

/// <summary>Grains go and come, notes are lost or made up, silos die: the ledger is that of one quiet process, bit for bit.</summary>
public sealed class UnreliableClusterTests(RolesCluster cluster) : IClassFixture<RolesCluster>
{
    readonly InMemoryLedgerStore _ledger = new();
    readonly InMemoryBlobStore _blobs = new();

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(50)]
    public async Task Rounds_of_any_size_have_the_ledger_of_one_quiet_process(int participants)
    {
        await using OrleansHost host = await cluster.OpenAsync(_ledger, _blobs);
        Assert.Equal(await QuietHeadAsync(participants, 1), await RunAsync(host, participants, 1));
    }

    [Fact]
    public async Task Notes_that_are_made_up_repeated_or_out_of_order_change_nothing()
    {
        const string key = "bombarded";
        IStreamProvider streams = cluster.Cluster.Client.GetStreamProvider(FederationStreams.Provider);
        async Task BombardAsync()
        {
            foreach (string name in new[] { FederationStreams.Updates, FederationStreams.Rounds, FederationStreams.Entries })
            {
                foreach (long index in new long[] { 99, 3, 3, -1, 0 })
                    await streams.Stream(name, key).OnNextAsync(new EntryNote(index, "UpdateAccepted", Digest.Of([1]).ToString()));
            }
        }
        await using OrleansHost host = await cluster.OpenAsync(_ledger, _blobs, key);
        Assert.Equal(await QuietHeadAsync(4, 2), await RunAsync(host, 4, 2, BombardAsync));
    }

    [Fact]
    public async Task A_round_is_valued_by_a_contribution_grain_that_no_note_ever_reached()
    {
        // The ledger grain of another key writes, so that no note reaches this federation's contribution grain.
        await using OrleansHost silent = await cluster.OpenAsync(_ledger, _blobs, "silent-writer");
        await using OrleansHost host = await cluster.OpenAsync(_ledger, _blobs, "never-told");
        await RunAsync(silent, 4, 1, close: false);
        await silent.OpenRoundAsync(Ids(4));
        foreach (string participant in Ids(4))
            await silent.SubmitAsync(TinyFederation.Submission(participant, 2));
        await host.CloseRoundAsync();
        await host.CloseAsync();
        Assert.Equal(await QuietHeadAsync(4, 2), await host.HeadAsync());
    }

    [Fact]
    public async Task Concurrent_submissions_give_the_same_aggregates_values_and_payouts()
    {
        await using OrleansHost host = await cluster.OpenAsync(_ledger, _blobs);
        await BeginAsync(host, 10);
        await host.OpenRoundAsync(Ids(10));
        await Task.WhenAll(Ids(10).Reverse().Select(id => host.SubmitAsync(TinyFederation.Submission(id, 1))));
        PaidRound paid = await host.CloseRoundAsync();

        await using InProcessHost quiet = await QuietHostAsync();
        await BeginAsync(quiet, 10);
        await quiet.OpenRoundAsync(Ids(10));
        foreach (string id in Ids(10))
            await quiet.SubmitAsync(TinyFederation.Submission(id, 1));
        PaidRound expected = await quiet.CloseRoundAsync();
        foreach ((LedgerEvent one, LedgerEvent other) in new (LedgerEvent, LedgerEvent)[]
            { (expected.Aggregated, paid.Aggregated), (expected.Valued, paid.Valued), (expected.Payouts, paid.Payouts) })
            Assert.Equal(EventJson.Serialize(one), EventJson.Serialize(other));
    }

    internal static string[] Ids(int participants) => [.. Enumerable.Range(1, participants).Select(i => $"p{i:00}")];

    internal static async Task BeginAsync(IFederationHost host, int participants)
    {
        await host.CreateAsync(Creation(participants));
        await EnrolAsync(host, participants);
    }

    internal static FederationCreation Creation(int participants) =>
        TinyFederation.Creation("fedrandom", participants <= 12 ? null : ["permutation", "cosine"]);

    internal static async Task EnrolAsync(IFederationHost host, int participants)
    {
        foreach (string id in Ids(participants))
            await host.EnrolAsync(id, 100);
    }

    internal static async Task<TreeHead> RunAsync(
        IFederationHost host, int participants, int rounds, Func<Task>? disturb = null, bool close = true)
    {
        disturb ??= () => Task.CompletedTask;
        await BeginAsync(host, participants);
        for (int round = 1; round <= rounds; round++)
        {
            await disturb();
            await host.OpenRoundAsync(Ids(participants));
            foreach (string id in Ids(participants))
            {
                await disturb();
                SubmissionReply reply = await host.SubmitAsync(TinyFederation.Submission(id, round));
                Assert.True(reply.IsAccepted, reply.Problem);
            }
            await disturb();
            await host.CloseRoundAsync();
        }
        await disturb();
        if (close)
            await host.CloseAsync();
        return await host.HeadAsync();
    }

    internal static async Task<TreeHead> QuietHeadAsync(int participants, int rounds)
    {
        await using InProcessHost quiet = await QuietHostAsync();
        return await RunAsync(quiet, participants, rounds);
    }

    static Task<InProcessHost> QuietHostAsync() =>
        InProcessHost.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
}
