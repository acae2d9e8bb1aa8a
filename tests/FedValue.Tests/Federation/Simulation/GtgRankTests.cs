using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>
/// The five cases of GTG-Shapley on digits: do GTG, FedSV and DIG-FL order ten participants as exact Shapley does? In cases 1 and 5 they hold
/// nearly the same, so FedSV gets a bound a quarter of its usual one.
/// </summary>
public sealed class GtgRankTests
{
    const string Gtg = "gtg:between=0.001:within=0.001:change=0.05:last=10", FedSv = "fedsv:epsilon=0.05:delta=0.05";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Every_estimate_of_exact_Shapley_agrees_with_it_in_rank(int scenario)
    {
        var options = new SimulationOptions
        {
            Scenario = $"gtg:{scenario}", Rounds = 2, Validation = 0.06m, Permutations = 10_000, Methods = ["exact", "gtg", FedSv, "dig-fl"],
        };
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);

        Estimate exact = history.Total("exact"), fedSv = history.Total(FedSv);
        Assert.All(new[] { Gtg, FedSv, "dig-fl" }, method => Assert.InRange(Rank(method), 0.85, 1));
        for (int k = 0; k < exact.Values.Count; k++)
            Assert.InRange(fedSv.Values[k] - exact.Values[k], -4 * fedSv.SamplingErrors[k], 4 * fedSv.SamplingErrors[k]);

        double Rank(string method) => MethodAgreement.Spearman(exact.Values, history.Total(method).Values)!.Value;
    }
}
