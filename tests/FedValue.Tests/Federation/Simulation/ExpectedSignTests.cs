using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Tests.ArchitectureTests;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What is written about the methods under attack is what they say.</summary>
public class ExpectedSignTests
{
    public static TheoryData<string> Attacks => [.. ExpectedSigns.Table.Select(row => row.Scenario)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Methods_say_about_an_attack_what_is_expected(string scenario)
    {
        (int place, (string _, IReadOnlyList<ExpectedSign> signs)) = ExpectedSigns.Table.Index().Single(row => row.Item.Scenario == scenario);
        int[] seeds = [1 + place % ExpectedSigns.Seeds]; // all of them hold, and take six times as long
        foreach (int seed in seeds)
        {
            Dictionary<string, double[]> values = await ValuesAsync(scenario, seed);
            foreach ((string method, ExpectedSign sign) in ExpectedSigns.Methods.Zip(signs))
            {
                double[] ofMethod = values[method];
                double attacker = ofMethod[NamedScenarios.Attacker - 1];
                double[] honest = [.. ofMethod.Where((_, k) => k != NamedScenarios.Attacker - 1)];
                Assert.True(ExpectedSigns.Holds(sign, attacker, honest),
                    $"{method} is not {sign} under {scenario}, seed {seed}: {attacker} among {string.Join(", ", honest)}");
            }
        }
    }

    [Fact]
    public void Every_attack_has_its_expectations_and_they_stand_in_the_documentation()
    {
        Assert.Equal(
            NamedScenarios.All.Select(s => s.Name).Where(name => name.StartsWith("attack:", StringComparison.Ordinal) && name != "attack:none"),
            ExpectedSigns.Table.Select(row => row.Scenario));
        Assert.All(ExpectedSigns.Table, row => Assert.Equal(ExpectedSigns.Methods.Count, row.Signs.Count));
        Assert.Contains(ExpectedSigns.Markdown(), Repository.Read("src", "README.md"));
    }

    /// <summary>Values summed over the rounds and over the identities of a participant, per method, in the order of the participants.</summary>
    static async Task<Dictionary<string, double[]>> ValuesAsync(string scenario, long seed)
    {
        var plan = SimulationPlan.Prepare(new SimulationOptions
        {
            Scenario = scenario, Seed = seed, Rounds = ExpectedSigns.Rounds, Methods = ExpectedSigns.Methods, Threads = 2,
        });
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(plan, ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);
        int[][] identities =
        [
            .. Enumerable.Range(1, NamedScenarios.AttackParticipants).Select(k => history.Participants
                .Where(id => id.Split('.')[0] == $"participant-{k}").Select(history.PlaceOf).ToArray()),
        ];
        return ExpectedSigns.Methods.ToDictionary(method => method, method => identities
            .Select(places => places.Sum(place => history.Total(method).Values[place])).ToArray());
    }
}
