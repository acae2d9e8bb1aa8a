using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>The five cases of GTG-Shapley on digits: do GTG, FedSV and DIG-FL order ten participants as exact Shapley does?</summary>
public sealed class GtgRankTests
{
    const string Gtg = "gtg:between=0.001:within=0.001:change=0.05:last=10", FedSv = "fedsv:epsilon=0.2:delta=0.05";

    [Theory]
    [InlineData(1, 0.9, null)] // everybody holds the same: values differ by less than FedSV's few permutations can tell
    [InlineData(2, 0.9, 0.8)]
    [InlineData(3, 0.9, 0.8)]
    [InlineData(4, 0.9, 0.8)]
    [InlineData(5, 0.9, null)]
    public async Task Every_estimate_of_exact_Shapley_agrees_with_it_in_rank(int scenario, double least, double? leastOfFedSv)
    {
        var options = new SimulationOptions
        {
            Scenario = $"gtg:{scenario}", Rounds = 2, Validation = 0.06m, Methods = ["exact", "gtg", "fedsv", "dig-fl"],
        };
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);

        Estimate exact = history.Total("exact"), fedSv = history.Total(FedSv);
        Assert.InRange(Rank(Gtg), least, 1);
        Assert.InRange(Rank("dig-fl"), least, 1);
        if (leastOfFedSv is { } most)
            Assert.InRange(Rank(FedSv), most, 1);
        for (int k = 0; k < exact.Values.Count; k++)
            Assert.InRange(fedSv.Values[k] - exact.Values[k], -4 * fedSv.SamplingErrors[k], 4 * fedSv.SamplingErrors[k]);

        double Rank(string method) => MethodAgreement.Spearman(exact.Values, history.Total(method).Values)!.Value;
    }
}
