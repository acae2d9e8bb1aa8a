using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What participants say about their own loss is kept and believed by nobody.</summary>
public sealed class ClaimedLossTests
{
    [Fact]
    public async Task A_claimed_loss_changes_no_model_no_value_and_no_payout()
    {
        FederationHistory honest = await RunAsync(), boastful = await RunAsync("inflate-loss:1000000@2", "inflate-loss:0.000001@3");
        Assert.NotEqual(honest.Head.Root, boastful.Head.Root);
        foreach ((PaidRoundHistory one, PaidRoundHistory other) in honest.Rounds.Zip(boastful.Rounds))
        {
            Assert.Equal(one.Aggregated, other.Aggregated);
            Assert.Equal(EventJson.Serialize(one.Valued), EventJson.Serialize(other.Valued));
            Assert.Equal(EventJson.Serialize(one.Payouts), EventJson.Serialize(other.Payouts));
            double[] factors = [1, 1_000_000, 0.000001, 1];
            Assert.Equal(
                one.Accepted.Zip(factors, (update, factor) => update.ClaimedLoss!.Value.Value * factor),
                other.Accepted.Select(update => update.ClaimedLoss!.Value.Value));
        }
    }

    [Fact]
    public async Task Honest_participants_claim_the_loss_of_what_they_send_on_their_own_rows()
    {
        FederationHistory history = await RunAsync("free-rider@1");
        double[] first = [.. history.Rounds[0].Accepted.Select(update => update.ClaimedLoss!.Value.Value)];
        Assert.Equal(Math.Log(2), first[0], 0.2); // an untrained model of two classes
        Assert.All(first[1..], loss => Assert.InRange(loss, 0.05, 0.6));
    }

    static async Task<FederationHistory> RunAsync(params string[] corrupt)
    {
        var options = new SimulationOptions
        {
            Dataset = "breast-cancer", Participants = 4, Partition = "iid", Corrupt = corrupt, Rounds = 2,
            Methods = ["exact", "cosine", "chg", "hardness", "cgsv", "fedce"], Aggregator = "qfedavg",
        };
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        return await FederationHistory.LoadAsync(ledger, blobs);
    }
}
