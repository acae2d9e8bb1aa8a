using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What those earn who send something without having learned anything.</summary>
public class FreeRiderPayoutTests
{
    const int Rounds = 3;
    const long Budget = 100_000;

    /// <summary>The model as it came, noise, the first own update again.</summary>
    [Theory]
    [InlineData("attack:free-rider")]
    [InlineData("attack:free-rider-random")]
    [InlineData("attack:free-rider-stale")]
    public async Task Whoever_learns_nothing_earns_next_to_nothing_by_exact_values(string scenario)
    {
        (long rider, IReadOnlyList<long> honest) = await BalancesAsync(scenario);
        Assert.InRange(rider, 0, Rounds * Budget / 50);
        Assert.All(honest, balance => Assert.True(balance > 5 * rider, $"{balance} beside {rider}"));
    }

    /// <summary>That step is a good one: it is not worth nothing, but less than what anybody learned.</summary>
    [Fact]
    public async Task Whoever_repeats_the_step_that_all_made_before_earns_least()
    {
        (long rider, IReadOnlyList<long> honest) = await BalancesAsync("attack:free-rider-delta");
        Assert.All(honest, balance => Assert.True(balance > rider, $"{balance} beside {rider}"));
    }

    static async Task<(long Rider, IReadOnlyList<long> Honest)> BalancesAsync(string scenario)
    {
        var plan = SimulationPlan.Prepare(new SimulationOptions
        {
            Scenario = scenario, Rounds = Rounds, Methods = ["exact"], Budget = Budget, Threads = 2,
        });
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(plan, ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);
        string rider = $"participant-{NamedScenarios.Attacker}";
        return (history.State.Balances[rider], [.. history.State.Balances.Where(balance => balance.Key != rider).Select(balance => balance.Value)]);
    }
}
