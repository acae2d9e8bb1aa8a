using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>One-round reconstruction against brute force over the models of all rounds, read back from their blobs.</summary>
public sealed class OneRoundReconstructionTests
{
    /// <summary>Coalitions are measured by sums of first layers, which are rounded at other places than their models.</summary>
    const double Tolerance = 1e-7;

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedadam")] // reconstruction adds updates up as FedAvg does, whatever the server made of them
    public async Task Totals_are_the_Shapley_values_of_all_updates_at_once(string aggregator)
    {
        (FederationHistory history, FederationSetup setup, InMemoryBlobStore blobs) = await RunAsync(aggregator);
        int n = history.Participants.Count, d = setup.WeightCount;
        var sums = new double[n][];
        for (int k = 0; k < n; k++)
            sums[k] = new double[d];
        foreach (PaidRoundHistory round in history.Rounds)
        {
            float[] model = await WeightsAsync(setup, blobs, round.Opened.Model);
            for (int k = 0; k < n; k++)
            {
                float[] local = await WeightsAsync(setup, blobs, round.Accepted[k].Update);
                for (int i = 0; i < d; i++)
                    sums[k][i] += (double)local[i] - model[i];
            }
        }
        double[] examples = [.. history.Rounds[0].Accepted.Select(update => (double)update.Examples)];
        double[] utilities = [.. Enumerable.Range(0, 1 << n).Select(Utility)];
        Estimate total = history.Total("or");
        Close.Equal(BruteForce.Shapley(utilities), [.. total.Values], Tolerance);
        Assert.Equal(utilities[^1] - utilities[0], total.Values.Sum(), Tolerance);
        Assert.True(total.HasInterval);

        double Utility(int mask)
        {
            int[] members = [.. Enumerable.Range(0, n).Where(k => (mask >> k & 1) == 1)];
            double all = members.Sum(k => examples[k]);
            float[] model = [.. setup.Model.Weights.Select((w, i) => (float)(w + members.Sum(k => examples[k] / all * sums[k][i])))];
            return -setup.LossOf(model)!();
        }
    }

    [Fact]
    public async Task In_the_first_round_it_is_exact_under_FedAvg()
    {
        (FederationHistory history, _, _) = await RunAsync("fedavg");
        Close.Equal([.. history.Rounds[0].Estimates["exact"].Values], [.. history.Rounds[0].Estimates["or"].Values], 1e-6);
    }

    [Fact]
    public void It_is_refused_where_somebody_would_miss_a_round() => Assert.Equal(
        "Method 'or' needs everybody in every round, but 3 of 4 would be invited; leave it out or use --participation 1.",
        Assert.Throws<SimulationException>(() => SimulationPlan.Prepare(
            new SimulationOptions { Participants = 4, Participation = 0.75m, Methods = ["exact", "or"] })).Message);

    static async Task<float[]> WeightsAsync(FederationSetup setup, InMemoryBlobStore blobs, Digest digest) =>
        ModelFile.ReadWeights(setup.Manifest, await blobs.GetAsync(digest));

    static async Task<(FederationHistory, FederationSetup, InMemoryBlobStore)> RunAsync(string aggregator)
    {
        var options = new SimulationOptions
        {
            Dataset = "breast-cancer", Participants = 4, Partition = "size-dirichlet:2", Rounds = 3,
            Methods = ["exact", "or"], Aggregator = aggregator,
        };
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);
        return (history, await FederationSetup.LoadAsync(history.Created, blobs), blobs);
    }
}
