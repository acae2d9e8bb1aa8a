using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using Orleans.TestingHost;

namespace FedValue.Orleans.Tests;

/// <summary>A silo dies in the middle of a round; what was promised is kept and the round ends with the same bits.</summary>
public sealed class SiloLossTests
{
    [Fact]
    public async Task A_round_survives_the_death_of_a_silo()
    {
        var cluster = new RolesCluster();
        await cluster.InitializeAsync();
        try
        {
            await using OrleansHost host = await cluster.OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore());
            string[] ids = UnreliableClusterTests.Ids(8);
            await UnreliableClusterTests.BeginAsync(host, ids.Length);
            await host.OpenRoundAsync(ids);
            var receipts = new List<long>();
            for (int i = 0; i < ids.Length; i++)
            {
                if (i == ids.Length / 2)
                    await cluster.Cluster.KillSiloAsync(cluster.Cluster.SecondarySilos[0]);
                receipts.Add((await SubmitUntilHeardAsync(host, ids[i])).Receipt!.Index);
            }
            Assert.Equal(receipts.Order(), receipts);
            Assert.Equal(ids.Length, receipts.Distinct().Count());
            await host.CloseRoundAsync();
            await host.CloseAsync();
            Assert.Equal(await UnreliableClusterTests.QuietHeadAsync(ids.Length, 1), await host.HeadAsync());
        }
        finally
        {
            await cluster.DisposeAsync();
        }
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
            catch (Exception unheard) when (unheard is OrleansException or TimeoutException && attempt < 20)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }
}
