using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>The silo that holds a role dies in the middle of a round; what was promised is kept and the round ends with the same bits.</summary>
[Collection(HeldSamplingClock.Collection)]
public sealed class SiloLossTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_round_survives_the_death_of_the_silo_that_holds_its_ledger_grain()
    {
        await using Loss loss = await Loss.PrepareAsync("ledger", new InMemoryBlobStore());
        string[] ids = UnreliableClusterTests.Ids(8);
        await loss.Host.CreateAsync(UnreliableClusterTests.Creation(ids.Length));
        await UnreliableClusterTests.EnrolAsync(loss.Host, ids.Length);
        await loss.Host.OpenRoundAsync(ids);
        var receipts = new List<long>();
        for (int i = 0; i < ids.Length; i++)
        {
            if (i == ids.Length / 2)
                await loss.KillAsync();
            receipts.Add((await SubmitUntilHeardAsync(loss.Host, ids[i])).Receipt!.Index);
        }
        Assert.Equal(receipts.Order(), receipts);
        Assert.Equal(ids.Length, receipts.Distinct().Count());
        await loss.Host.CloseRoundAsync();
        await loss.Host.CloseAsync();
        Assert.Equal(await UnreliableClusterTests.QuietHeadAsync(ids.Length, 1), await loss.Host.HeadAsync());
    }

    [Theory]
    [InlineData("aggregator", 0)] // aggregation reads every update once
    [InlineData("contribution", 1)] // then valuation
    public async Task A_round_survives_the_death_of_the_silo_that_is_working_on_it(string role, int readings)
    {
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using Loss loss = await Loss.PrepareAsync(role, blobs);
        await SubmittedAsync(loss.Host);
        // Whoever reads it first waits for ever, as a dead silo would.
        HeldBlobStore.Hold hold = blobs.HoldBack(Held, readings, most: 1);
        Task<PaidRound> closing = loss.Host.CloseRoundAsync();
        await hold.Asked.WaitAsync(Soon);
        await loss.KillAsync();
        await IsAsExpectedAsync(await closing.WaitAsync(Soon), loss.Host);
        Assert.Equal(3, hold.Readings); // once in vain
    }

    [Fact]
    public async Task A_result_outlives_the_death_of_the_silo_that_should_have_written_it_down()
    {
        var blobs = new HeldBlobStore(new InMemoryBlobStore());
        await using Loss loss = await Loss.PrepareAsync("ledger", blobs);
        await SubmittedAsync(loss.Host);
        HeldBlobStore.Hold hold = blobs.HoldBack(Held, after: 1);
        Task<PaidRound> closing = loss.Host.CloseRoundAsync();
        await hold.Asked.WaitAsync(Soon);
        await loss.KillAsync();
        hold.LetGo();
        await IsAsExpectedAsync(await closing.WaitAsync(Soon), loss.Host);
        Assert.Equal(2, hold.Readings); // nothing was done again
    }

    [Fact]
    public async Task A_round_survives_the_death_of_the_silo_that_is_in_the_midst_of_its_permutations()
    {
        string[] ids = UnreliableClusterTests.Ids(20);
        FederationCreation creation = TinyFederation.Creation(methods: ["permutation"]);
        creation = creation with { Terms = creation.Terms with { Sampling = new SamplingTerms(32, 160, 0, new StopText("time:3600")) } };
        async Task BeginAsync(IFederationHost host)
        {
            await host.CreateAsync(creation);
            await UnreliableClusterTests.EnrolAsync(host, ids.Length);
            await host.OpenRoundAsync(ids);
            foreach (string id in ids)
                Assert.True((await host.SubmitAsync(TinyFederation.Submission(id, 1))).IsAccepted);
        }
        await using Loss loss = await Loss.PrepareAsync("contribution", new InMemoryBlobStore());
        await BeginAsync(loss.Host);
        using HeldSamplingClock.Hold hold = HeldSamplingClock.Shared.HoldBack(after: 4); // the beginning and three batches
        Task<PaidRound> closing = loss.Host.CloseRoundAsync();
        await hold.Asked.WaitAsync(Soon);
        await loss.KillAsync();
        FederationState state = await loss.Host.StateAsync();
        Assert.Equal((0, true), (state.RoundsPaid, state.Round?.Aggregated is not null));
        PaidRound paid = await closing.WaitAsync(Soon);
        Assert.Equal(5 + 11, hold.Readings); // all ten batches were drawn again

        await using InProcessHost quiet = await QuietHostAsync();
        await BeginAsync(quiet);
        HasBytesOf(await quiet.CloseRoundAsync(), paid);
        Assert.Equal(await quiet.HeadAsync(), await loss.Host.HeadAsync());
    }

    /// <summary>The update that is held back: that of the last participant, for the first one's is also read for its buffers.</summary>
    static Digest Held => Digest.Of(AnyModelFederation.Submission(TinyFederation.Participants.Order(StringComparer.Ordinal).Last(), 1).Update.Span);

    /// <summary>Without validation rows, so that no note lets an update be read early.</summary>
    static async Task SubmittedAsync(IFederationHost host)
    {
        await AnyModelFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            Assert.True((await host.SubmitAsync(AnyModelFederation.Submission(participant, 1))).IsAccepted);
    }

    static async Task IsAsExpectedAsync(PaidRound paid, IFederationHost host)
    {
        await using InProcessHost quiet = await QuietHostAsync();
        await SubmittedAsync(quiet);
        HasBytesOf(await quiet.CloseRoundAsync(), paid);
        Assert.Equal(await quiet.HeadAsync(), await host.HeadAsync());
    }

    static void HasBytesOf(PaidRound expected, PaidRound paid)
    {
        Assert.Equal(EventJson.Serialize(expected.Aggregated), EventJson.Serialize(paid.Aggregated));
        Assert.Equal(EventJson.Serialize(expected.Valued), EventJson.Serialize(paid.Valued));
        Assert.Equal(EventJson.Serialize(expected.Payouts), EventJson.Serialize(paid.Payouts));
    }

    static Task<InProcessHost> QuietHostAsync() =>
        InProcessHost.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());

    /// <summary>As a trainer does: no answer means to send the same update again.</summary>
    static async Task<SubmissionReply> SubmitUntilHeardAsync(OrleansHost host, string participant)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                SubmissionReply reply = await host.SubmitAsync(TinyFederation.Submission(participant, 1));
                Assert.True(reply.IsAccepted, reply.Problem);
                return reply;
            }
            catch (Exception unheard) when (unheard is OrleansException or TimeoutException && attempt < 60)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.5));
            }
        }
    }
}
