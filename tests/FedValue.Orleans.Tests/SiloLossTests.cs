using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace FedValue.Orleans.Tests;

/// <summary>The silo that holds a role dies in the middle of a round; what was promised is kept and the round ends with the same bits.</summary>
public sealed class SiloLossTests
{
    [Fact]
    public async Task A_round_survives_the_death_of_the_silo_that_holds_its_ledger_grain()
    {
        await using Loss loss = await Loss.PrepareAsync(participants: 8);
        string[] ids = UnreliableClusterTests.Ids(8);
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

    /// <summary>
    /// A cluster of its own with a federation whose ledger grain lives on the silo that can be spared: the other keeps the membership.
    /// </summary>
    sealed class Loss : IAsyncDisposable
    {
        const string Key = "lost";

        readonly RolesCluster _cluster = new();

        public OrleansHost Host { get; private set; } = null!; // there once it is prepared

        public static async Task<Loss> PrepareAsync(int participants)
        {
            var loss = new Loss();
            await loss._cluster.InitializeAsync();
            loss.Host = await loss._cluster.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), Key);
            RequestContext.Set(IPlacementDirector.PlacementHintKey, loss.Spare.SiloAddress);
            await loss.Host.CreateAsync(UnreliableClusterTests.Creation(participants));
            RequestContext.Clear();
            DetailedGrainStatistic[] grains =
                await loss._cluster.Cluster.GrainFactory.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
            DetailedGrainStatistic ledger = grains.Single(grain =>
                grain.GrainType.Contains("LedgerGrain", StringComparison.Ordinal) && grain.GrainId.Key.ToString() == Key);
            Assert.Equal(loss.Spare.SiloAddress, ledger.SiloAddress);
            await UnreliableClusterTests.EnrolAsync(loss.Host, participants);
            return loss;
        }

        SiloHandle Spare => _cluster.Cluster.SecondarySilos[0];

        public Task KillAsync() => _cluster.Cluster.KillSiloAsync(Spare);

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }
}
