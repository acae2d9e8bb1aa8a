using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Valuation.Support;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Runs whose sampling stops by time: what a clock decided once, everybody can compute again.</summary>
public sealed class TimeLimitedRunTests
{
    static readonly SimulationOptions Small = new()
    {
        Dataset = "breast-cancer", Participants = 4, Rounds = 2, Partition = "dirichlet:1", Seed = 6, Permutations = 128,
        Stop = "time:4|rank-stable:50", PayBy = "permutation", Counterfactual = ["fedrandom:fedavg,fedmedian"], Threads = 2,
        Methods =
        [
            "permutation", "permutation-antithetic", "stratified", "owen", "tmc", "banzhaf-msr", "fedsv:epsilon=0", "fedsv", "gtg", "exact",
            "fedrandom-mean:exact-up-to=0",
        ],
    };

    const string Forged = "tmc:tolerance=0.05";

    readonly InMemoryBlobStore _blobs = new();

    async Task<List<LedgerEvent>> RunAsync(SimulationOptions options, TimeProvider clock)
    {
        var ledger = new InMemoryLedgerStore();
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, _blobs, clock).RunAsync();
        return await EventsAsync(ledger);
    }

    static async Task<List<LedgerEvent>> EventsAsync(InMemoryLedgerStore ledger)
    {
        var events = new List<LedgerEvent>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            events.Add(EventJson.Parse(entry.Bytes.Span));
        return events;
    }

    async Task<AuditReport> AuditAsync(IReadOnlyList<LedgerEvent> events)
    {
        var ledger = new InMemoryLedgerStore();
        await ledger.AppendAsync(0, [.. events.Select(e => (ReadOnlyMemory<byte>)EventJson.Serialize(e))]);
        return await LedgerAuditor.AuditAsync(ledger, _blobs, recompute: new RecomputeAudit(_blobs, new CpuBackend(1)).CheckAsync);
    }

    /// <summary>What the audit says when another valuation by one of the methods stands in the last round.</summary>
    async Task<string> FindingAsync(List<LedgerEvent> events, Func<MethodValuation, MethodValuation> forge)
    {
        int index = events.FindLastIndex(e => e is RoundValued);
        var valued = (RoundValued)events[index];
        List<LedgerEvent> forged = [.. events];
        forged[index] = valued with { Valuations = [.. valued.Valuations.Select(v => v.Method == Forged ? forge(v) : v)] };
        AuditReport report = await AuditAsync(forged);
        Assert.Equal(index, report.FirstWrongEntry);
        return report.Findings[0].Problem;
    }

    [Fact]
    public async Task A_ledger_under_a_time_limit_recomputes_to_the_last_bit_without_its_clock()
    {
        List<LedgerEvent> events = await RunAsync(Small, new SteppingClock());
        foreach (MethodValuation valuation in events.OfType<RoundValued>().SelectMany(valued => valued.Valuations))
        {
            if (valuation.Method.Split(':')[0] is not ("exact" or "gtg") && valuation.Method != "fedsv:epsilon=0.2:delta=0.05")
                Assert.InRange(valuation.Permutations, 49, 64); // four batches
        }
        Assert.Empty((await AuditAsync(events)).Findings);
    }

    [Fact]
    public async Task Another_speed_gives_another_ledger_and_that_one_recomputes_as_well()
    {
        SimulationOptions options = Small with { Methods = ["permutation", "tmc"], Counterfactual = null, Rounds = 1 };
        List<LedgerEvent> slow = await RunAsync(options, new SteppingClock(step: 4)), fast = await RunAsync(options, new SteppingClock());
        Assert.NotEqual(
            slow.OfType<RoundValued>().Single().Valuations[0].Values, fast.OfType<RoundValued>().Single().Valuations[0].Values);
        Assert.Empty((await AuditAsync(slow)).Findings);
        Assert.Empty((await AuditAsync(fast)).Findings);
    }

    [Fact]
    public async Task The_ledger_but_for_its_terms_is_that_of_as_many_permutations()
    {
        SimulationOptions options = Small with { Methods = ["permutation", "tmc"], Counterfactual = null, Stop = "time:3" };
        List<LedgerEvent> timed = await RunAsync(options, new SteppingClock());
        List<LedgerEvent> counted = await RunAsync(options with { Stop = "permutations:48" }, new SteppingClock());
        Assert.Equal(counted.Skip(1).Select(EventJson.Serialize), timed.Skip(1).Select(EventJson.Serialize));
    }

    [Fact]
    public async Task Forged_numbers_statuses_and_values_are_found_and_named()
    {
        List<LedgerEvent> events = await RunAsync(
            Small with { Methods = ["permutation", "tmc"], Counterfactual = null, Stop = "time:3" }, new SteppingClock());
        const string impossible = $"It could not be computed again: Method '{Forged}': sampling is recorded to have stopped after ";
        Assert.StartsWith(impossible + "47 ", await FindingAsync(events, v => v with { Permutations = 47 }), StringComparison.Ordinal);
        Assert.StartsWith(impossible + "16 ", await FindingAsync(events, v => v with { Permutations = 16 }), StringComparison.Ordinal);
        Assert.StartsWith(impossible + "144 ", await FindingAsync(events, v => v with { Permutations = 144 }), StringComparison.Ordinal);
        Assert.StartsWith(impossible + "48 ", await FindingAsync(events, v => v with { Status = "converged" }), StringComparison.Ordinal);
        Assert.StartsWith(
            impossible + "48 permutations with the status 'exact' ", await FindingAsync(events, v => v with { Status = "exact" }),
            StringComparison.Ordinal);

        const string others = $"Recomputing from the stored updates gives other values by {Forged}.";
        Assert.Equal(others, await FindingAsync(events, v => v with { Permutations = 64 })); // possible, but not with these values
        Assert.Equal(others, await FindingAsync(events, v => v with { Evaluations = v.Evaluations + 1 }));
        Digest permutation = events.OfType<RoundValued>().Last().Valuations[0].Values;
        Assert.Equal(others, await FindingAsync(events, v => v with { Values = permutation }));
        Digest errors = events.OfType<RoundValued>().Last().Valuations[0].Errors;
        Assert.Equal(others, await FindingAsync(events, v => v with { Errors = errors }));
    }

    [Fact]
    public async Task A_round_that_was_interrupted_before_its_values_were_recorded_is_valued_by_the_clock_that_is_there_then()
    {
        var ledger = new InMemoryLedgerStore();
        FederationCreation creation = TinyFederation.Creation(methods: ["permutation"]);
        creation = creation with { Terms = creation.Terms with { Sampling = new SamplingTerms(32, 128, 0, new StopText("time:4")) } };
        await using (InProcessHost host = await OpenAsync(step: 1))
        {
            await TinyFederation.BeginAsync(host, creation);
            await TinyFederation.RoundAsync(host, 1);
            await host.OpenRoundAsync(TinyFederation.Participants);
            foreach (string participant in TinyFederation.Participants)
                await host.SubmitAsync(TinyFederation.Submission(participant, 2));
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.CloseRoundAsync(new Stumble("permutation")));
        }
        Assert.IsType<RoundAggregated>((await EventsAsync(ledger))[^1]);
        await using (InProcessHost host = await OpenAsync(step: 4))
        {
            await host.CloseRoundAsync();
            await host.CloseAsync();
        }
        List<LedgerEvent> events = await EventsAsync(ledger);
        Assert.Equal([64, 32], events.OfType<RoundValued>().Select(valued => valued.Valuations[0].Permutations));
        Assert.Empty((await AuditAsync(events)).Findings);

        Task<InProcessHost> OpenAsync(long step) => InProcessHost.OpenAsync(
            ledger, _blobs, new CpuBackend(1), new FixedClock(), samplingClock: new SteppingClock(step));
    }

    sealed class Stumble(string at) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value == at)
                throw new InvalidOperationException($"interrupted at {value}");
        }
    }
}
