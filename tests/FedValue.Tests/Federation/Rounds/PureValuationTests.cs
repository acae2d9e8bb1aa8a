using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Watching a federation must not change it.</summary>
public sealed class PureValuationTests
{
    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedavgm")]
    [InlineData("fedadam")]
    [InlineData("fedmedian")]
    [InlineData("fedadagrad")]
    [InlineData("fedyogi")]
    [InlineData("fedtrimmedavg")]
    [InlineData("krum")]
    [InlineData("multikrum:keep=2")]
    [InlineData("bulyan")]
    [InlineData("qfedavg")]
    [InlineData("fedrandom")]
    [InlineData("fedrandom:fedadagrad,fedyogi,krum,qfedavg")]
    public async Task Training_gives_the_same_models_with_and_without_valuation(string aggregator)
    {
        var options = new SimulationOptions
        {
            Dataset = "breast-cancer", Participants = 4, Rounds = 4, Aggregator = aggregator, Participation = 0.75m, Permutations = 32, Seed = 5,
        };
        List<Digest> valued = await ModelsAsync(options);
        List<Digest> unvalued = await ModelsAsync(options with { Methods = [], Policy = "equal" });
        Assert.Equal(4, valued.Distinct().Count());
        Assert.Equal(valued, unvalued);
    }

    static async Task<List<Digest>> ModelsAsync(SimulationOptions options)
    {
        var ledger = new InMemoryLedgerStore();
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, new InMemoryBlobStore()).RunAsync();
        var models = new List<Digest>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            if (EventJson.Parse(entry.Bytes.Span) is RoundAggregated aggregated)
                models.Add(aggregated.Model);
        }
        return models;
    }
}
