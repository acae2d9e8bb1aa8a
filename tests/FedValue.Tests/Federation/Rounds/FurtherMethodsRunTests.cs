using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Federation.Simulation;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Methods that are computed where they are asked for, in a whole run.</summary>
public sealed class FurtherMethodsRunTests
{
    static readonly SimulationOptions Small = new()
    {
        Dataset = "breast-cancer", Participants = 4, Rounds = 1, Partition = "dirichlet:1", Seed = 6, Permutations = 64,
    };

    static async Task<(InMemoryLedgerStore Ledger, InMemoryBlobStore Blobs, List<LedgerEvent> Events)> RunAsync(SimulationOptions options)
    {
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        var events = new List<LedgerEvent>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            events.Add(EventJson.Parse(entry.Bytes.Span));
        return (ledger, blobs, events);
    }

    static Digest Values(List<LedgerEvent> events, string method) =>
        events.OfType<RoundValued>().First().Valuations.Single(valuation => valuation.Method == method).Values;

    [Fact]
    public async Task Multi_round_averages_whatever_the_round_s_aggregator()
    {
        SimulationOptions options = Small with { Methods = ["exact", "mr"] };
        List<LedgerEvent> median = (await RunAsync(options with { Aggregator = "fedmedian" })).Events;
        List<LedgerEvent> average = (await RunAsync(options with { Aggregator = "fedavg" })).Events;
        Assert.Equal(Values(average, "exact"), Values(average, "mr"));
        Assert.Equal(Values(average, "exact"), Values(median, "mr")); // the first round's updates are the same
        Assert.NotEqual(Values(median, "exact"), Values(median, "mr"));
    }

    [Fact]
    public async Task A_run_with_a_stop_condition_is_recomputed_to_the_bit()
    {
        SimulationOptions options = Small with
        {
            Rounds = 2, Aggregator = "fedadam", Stop = "rank-stable:1&relative-error:0.50|evaluations:12", PayBy = "stratified",
            Methods = ["stratified", "permutation-antithetic", "owen", "tmc", "gtg", "fedsv", "mr", "tmr", "beta", "banzhaf-msr"],
        };
        (InMemoryLedgerStore ledger, InMemoryBlobStore blobs, List<LedgerEvent> events) = await RunAsync(options);
        FederationTerms terms = events.OfType<FederationCreated>().Single().Terms;
        Assert.Equal(
            new SamplingTerms(32, 64, 0, new StopText("rank-stable:1&relative-error:0.5|evaluations:12")), terms.Sampling);
        var recompute = new RecomputeAudit(blobs, new CpuBackend(2));
        AuditReport report = await LedgerAuditor.AuditAsync(ledger, blobs, recompute: recompute.CheckAsync);
        Assert.True(report.IsClean);
    }

    [Fact]
    public void A_stop_condition_takes_the_place_of_the_tolerance_on_the_ledger_and_else_is_not_there()
    {
        Assert.Equal(new SamplingTerms(32, 64, 0.05), SimulationPlan.Prepare(Small).Creation.Terms.Sampling);
        Assert.StartsWith("A stop condition is made of ", Refusal.Of(() => SimulationPlan.Prepare(Small with { Stop = "soon" })));
        AssertRefused(new SamplingTerms(32, 64, 0.05, new StopText("rank-stable:2")));
        AssertRefused(new SamplingTerms(32, 64, 0, new StopText("rank-stable:2.0")));
    }

    static void AssertRefused(SamplingTerms sampling)
    {
        var creation = SimulationPlan.Prepare(Small).Creation;
        FormatException failure = Assert.Throws<FormatException>(() => new FederationSetup(
            creation.Terms with { Sampling = sampling }, creation.Model, creation.Validation));
        Assert.StartsWith("The terms name a stop condition in its one spelling, 'rank-stable:2', ", failure.Message);
    }
}
