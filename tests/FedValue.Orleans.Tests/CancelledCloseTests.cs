using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>A close that its caller gives up leaves the round as it is, and spoils none that is asked for later.</summary>
[Collection(HeldSamplingClock.Collection)]
public sealed class CancelledCloseTests(RolesCluster cluster) : IClassFixture<RolesCluster>
{
    /// <summary>Twenty players have too many coalitions to be measured all.</summary>
    static readonly string[] Ids = [.. Enumerable.Range(1, 20).Select(i => $"p{i:00}")];

    [Fact]
    public async Task A_close_that_was_given_up_while_valuing_can_be_asked_for_again_on_the_same_host()
    {
        await using OrleansHost host = await cluster.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore());
        await SubmittedAsync(host);
        using HeldSamplingClock.Hold hold = HeldSamplingClock.Shared.HoldBack(after: 4); // the beginning and three batches
        using var given = new CancellationTokenSource();
        var valuing = new Told("permutation", given);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.CloseRoundAsync(valuing, given.Token));
        hold.Dispose();
        FederationState state = await host.StateAsync();
        Assert.Equal((0, true), (state.RoundsPaid, state.Round?.Aggregated is not null));

        PaidRound paid = await host.CloseRoundAsync();
        PaidRound expected = await QuietAsync();
        Assert.Equal(EventJson.Serialize(expected.Valued), EventJson.Serialize(paid.Valued));
        Assert.Equal(EventJson.Serialize(expected.Payouts), EventJson.Serialize(paid.Payouts));
    }

    [Fact]
    public async Task A_second_round_is_never_begun_by_a_question_about_the_first()
    {
        await using OrleansHost host = await cluster.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), "two-rounds");
        await TinyFederation.BeginAsync(host);
        await TinyFederation.RoundAsync(host, 1);
        await host.OpenRoundAsync(TinyFederation.Participants);
        var aggregator = cluster.Cluster.GrainFactory.GetGrain<Grains.IAggregatorGrain>("two-rounds");
        var contributions = cluster.Cluster.GrainFactory.GetGrain<Grains.IContributionGrain>("two-rounds");
        Assert.True((await aggregator.CloseRoundAsync(1)).IsDone);
        Assert.True((await contributions.ValueRoundAsync(1)).IsDone);
        Assert.NotNull((await aggregator.CloseRoundAsync(3)).Failure);
        await Task.Delay(100);
        Assert.Null((await host.StateAsync()).Round!.Aggregated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_on_an_abandoned_round_is_stopped_without_anybody_asking_for_it(bool isValuing)
    {
        string key = $"abandoned-{isValuing}";
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using OrleansHost host = await cluster.OpenAsync(new InMemoryLedgerStore(), blobs, key);
        await AnyModelFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await host.SubmitAsync(AnyModelFederation.Submission(participant, 1));
        string last = TinyFederation.Participants.Order(StringComparer.Ordinal).Last();
        HeldBlobStore.Hold hold = blobs.HoldBack(Digest.Of(AnyModelFederation.Submission(last, 1).Update.Span), isValuing ? 1 : 0);
        var aggregator = cluster.Cluster.GrainFactory.GetGrain<Grains.IAggregatorGrain>(key);
        while (!(await aggregator.CloseRoundAsync(1)).IsDone && !hold.Asked.IsCompleted)
            await Task.Delay(5);
        if (isValuing)
            await cluster.Cluster.GrainFactory.GetGrain<Grains.IContributionGrain>(key).ValueRoundAsync(1);
        await hold.Asked.WaitAsync(TimeSpan.FromSeconds(20));
        await host.AbandonRoundAsync(1, "The learning rate was wrong.");
        await hold.GivenUp.WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>The same round in one quiet process.</summary>
    static async Task<PaidRound> QuietAsync()
    {
        await using InProcessHost quiet = await InProcessHost.OpenAsync(
            new InMemoryLedgerStore(), new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await SubmittedAsync(quiet);
        return await quiet.CloseRoundAsync();
    }

    static FederationCreation Creation()
    {
        FederationCreation creation = TinyFederation.Creation(methods: ["permutation"]);
        return creation with { Terms = creation.Terms with { Sampling = new SamplingTerms(32, 160, 0, new StopText("time:3600")) } };
    }

    static async Task SubmittedAsync(IFederationHost host)
    {
        await host.CreateAsync(Creation());
        foreach (string id in Ids)
            await host.EnrolAsync(id, 100);
        await host.OpenRoundAsync(Ids);
        foreach (string id in Ids)
            Assert.True((await host.SubmitAsync(TinyFederation.Submission(id, 1))).IsAccepted);
    }

    sealed class Told(string step, CancellationTokenSource source) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value == step)
                source.Cancel();
        }
    }
}
