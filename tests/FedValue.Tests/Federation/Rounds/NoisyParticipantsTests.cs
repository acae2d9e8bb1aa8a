using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Digits, eight participants, three of them with 60 % flipped labels, ten seeds: do the methods find them?</summary>
public sealed class NoisyParticipantsTests
{
    const int Seeds = 10;
    static readonly bool[] Noisy = [false, true, false, false, true, false, true, false];

    [Fact]
    public async Task On_iid_data_exact_cosine_and_in_run_rank_the_noisy_ones_last()
    {
        string[] methods = ["exact", "cosine", "in-run"];
        for (int seed = 1; seed <= Seeds; seed++)
        {
            FederationHistory history = await RunAsync("iid", seed, methods);
            Assert.All(methods, method => Assert.True(
                MethodAgreement.AreaUnderCurve(history.Total(method).Values, Noisy) >= 0.95, $"{method}, seed {seed}"));
        }
    }

    [Fact]
    public async Task On_dirichlet_data_the_report_warns_wherever_raw_chg_inverts()
    {
        int inverted = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            FederationHistory history = await RunAsync("dirichlet:0.5", seed, ["exact", "chg"]);
            if (MethodAgreement.AreaUnderCurve(history.Total("chg").Values, Noisy) >= 0.5)
                continue;
            inverted++;
            Assert.Contains(RunWarnings.Of(history), warning => warning.Contains("chg") && warning.Contains("invert"));
        }
        Assert.True(inverted >= Seeds / 2, $"only {inverted} of {Seeds} runs inverted, too few to show anything");
    }

    [Fact]
    public async Task On_iid_data_there_is_no_warning_of_heterogeneity()
    {
        for (int seed = 1; seed <= 3; seed++)
            Assert.Empty(RunWarnings.Of(await RunAsync("iid", seed, ["exact", "chg"])));
    }

    static async Task<FederationHistory> RunAsync(string partition, long seed, IReadOnlyList<string> methods)
    {
        var options = new SimulationOptions
        {
            Participants = 8, Partition = partition, Corrupt = ["label-flip:0.6@2,5,7"], Rounds = 8, Methods = methods, Seed = seed,
        };
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        return await FederationHistory.LoadAsync(ledger, blobs);
    }
}
