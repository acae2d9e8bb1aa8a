using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Tests.ArchitectureTests;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What is written about the methods under attack is what they say.</summary>
public class ExpectedSignTests
{
    /// <summary>The seed whose participant 2 is the luckiest without an attack: it contradicts most claims that are too strong.</summary>
    const int HardSeed = 12;

    static readonly Dataset Digits = DatasetLoader.Load("digits");

    public static TheoryData<string> Attacks => [.. ExpectedSigns.Scenarios];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Methods_say_about_an_attack_what_is_expected(string scenario)
    {
        int place = ExpectedSigns.Scenarios.ToList().IndexOf(scenario);
        int attacker = AttackerOf(scenario);
        int[] seeds = [.. new[] { 1 + place % ExpectedSigns.Seeds, HardSeed }.Distinct()]; // all of them hold, and take eight times as long
        foreach (int seed in seeds)
        {
            Dictionary<string, double[]> values = await ValuesAsync(scenario, seed);
            foreach (string method in ExpectedSigns.Methods)
            {
                ExpectedSign sign = ExpectedSigns.Of(scenario, method);
                (double its, double[] honest) = Apart(values[method], attacker);
                Assert.True(ExpectedSigns.Holds(sign, its, honest),
                    $"{method} is not {sign} under {scenario}, seed {seed}: {its} among {string.Join(", ", honest)}");
            }
        }
    }

    [Fact]
    public async Task Without_an_attack_exact_values_are_alike_and_some_only_just()
    {
        double[] exact = (await ValuesAsync("attack:none", HardSeed))["exact"];
        double largest = 0;
        foreach (int participant in Enumerable.Range(1, exact.Length))
        {
            (double its, double[] others) = Apart(exact, participant);
            Assert.True(ExpectedSigns.Holds(ExpectedSign.Alike, its, others), $"{its} among {string.Join(", ", others)}");
            largest = Math.Max(largest, its / others.Average());
        }
        Assert.InRange(largest, 1.5, 1.55);
    }

    [Theory]
    [InlineData(ExpectedSign.Negative, -1, true)]
    [InlineData(ExpectedSign.Negative, 0.5, false)]
    [InlineData(ExpectedSign.Zero, 0, true)]
    [InlineData(ExpectedSign.Zero, 1, false)]
    [InlineData(ExpectedSign.Lowest, 0.5, true)]
    [InlineData(ExpectedSign.Lowest, 1.5, false)]
    [InlineData(ExpectedSign.Highest, 4, true)]
    [InlineData(ExpectedSign.Highest, 2.5, false)]
    [InlineData(ExpectedSign.Alike, 3, true)]
    [InlineData(ExpectedSign.Alike, 1.3, false)]
    [InlineData(ExpectedSign.Alike, 3.2, false)]
    [InlineData(ExpectedSign.Positive, 9, true)]
    [InlineData(ExpectedSign.Positive, 0, false)]
    [InlineData(ExpectedSign.Open, -9, true)]
    public void A_sign_holds_for_what_it_says(ExpectedSign sign, double attacker, bool holds) =>
        Assert.Equal(holds, ExpectedSigns.Holds(sign, attacker, [1, 3, 2]));

    [Fact]
    public void Nobody_is_like_honest_participants_without_a_value_above_0() =>
        Assert.False(ExpectedSigns.Holds(ExpectedSign.Alike, -1, [-1, -1]));

    [Fact]
    public void Every_attack_has_its_expectations_and_they_stand_in_the_documentation()
    {
        NamedScenario[] scenarios = [.. NamedScenarios.All.Where(scenario => scenario.Name.Split(':')[0] is "attack" or "mplc")];
        Assert.Equal(scenarios.Select(scenario => scenario.Name).Order(), ExpectedSigns.Scenarios.Order());
        Assert.All(scenarios.Where(scenario => scenario.Corrupt.Count > 0), scenario => Assert.Equal(
            AttackerOf(scenario.Name), Corruption.Parse(scenario.Corrupt.Single()).Targets.Single()));
        string documentation = Repository.Read("src", "README.md");
        Assert.All(ExpectedSigns.Markdown(), table => Assert.Contains(table, documentation));
    }

    [Fact]
    public void Every_method_has_its_expectations()
    {
        Assert.Equal(MethodCatalog.Catalog.Entries.Select(entry => entry.Name).Order(), ExpectedSigns.Methods.Order());
        foreach (string method in ExpectedSigns.Methods)
        {
            int silent = ExpectedSigns.Scenarios.Count(scenario => ExpectedSigns.Of(scenario, method) is ExpectedSign.Open);
            Assert.InRange(silent, 0, ExpectedSigns.Scenarios.Count / 3);
        }
    }

    [Fact]
    public void A_method_like_another_differs_from_it_exactly_where_an_exception_says_so()
    {
        foreach (AlikeMethod alike in ExpectedSignRows.Alike)
        {
            string[] excepted = [.. alike.Except.SelectMany(except => except.Scenarios.Split(' '))];
            Assert.Equal(excepted.Order(), ExpectedSigns.Scenarios
                .Where(scenario => ExpectedSigns.Of(scenario, alike.Method) != ExpectedSigns.Of(scenario, alike.As)).Order());
        }
    }

    /// <summary>Who does it, counted from 1.</summary>
    static int AttackerOf(string scenario) => scenario.StartsWith("mplc:", StringComparison.Ordinal) ? 1 : NamedScenarios.Attacker;

    static (double Its, double[] Others) Apart(double[] values, int participant) =>
        (values[participant - 1], [.. values.Where((_, k) => k != participant - 1)]);

    /// <summary>Values summed over the rounds and over the identities of a participant, per method, in the order of the participants.</summary>
    static async Task<Dictionary<string, double[]>> ValuesAsync(string scenario, long seed)
    {
        var plan = SimulationPlan.Prepare(new SimulationOptions
        {
            Scenario = scenario, Seed = seed, Rounds = ExpectedSigns.Rounds, Methods = ExpectedSigns.Methods, Threads = 2,
            Counterfactual = ExpectedSigns.Counterfactual,
        }, _ => Digits);
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(plan, ledger, blobs).RunAsync();
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);
        int[][] identities =
        [
            .. Enumerable.Range(1, plan.Options.Participants!.Value).Select(k => history.Participants
                .Where(id => id.Split('.')[0] == $"participant-{k}").Select(history.PlaceOf).ToArray()),
        ];
        return ExpectedSigns.Methods.ToDictionary(method => method, method => identities.Select(places => places.Sum(
            place => history.Total(MethodCatalog.Get(method).Info.Name).Values[place])).ToArray());
    }
}
