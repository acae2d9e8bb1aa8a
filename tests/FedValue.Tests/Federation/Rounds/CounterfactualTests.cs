using System.Collections.Immutable;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Simulation;
using FedValue.Tests.Valuation.Support;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Rounds valued again under aggregators that did not train.</summary>
public sealed class CounterfactualTests
{
    const string Mean = "fedrandom-mean:exact-up-to=12";

    static readonly SimulationOptions Small = new()
    {
        Dataset = "breast-cancer", Participants = 4, Rounds = 3, Participation = 0.75m, Permutations = 32, Seed = 5, Methods = ["exact"],
    };

    static async Task<(InMemoryBlobStore Blobs, List<LedgerEvent> Events)> RunAsync(SimulationOptions options)
    {
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        return (blobs, await EventsAsync(ledger));
    }

    static async Task<List<LedgerEvent>> EventsAsync(InMemoryLedgerStore ledger)
    {
        var events = new List<LedgerEvent>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            events.Add(EventJson.Parse(entry.Bytes.Span));
        return events;
    }

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedadam")]
    [InlineData("fedrandom")]
    public async Task Training_and_other_methods_give_the_same_bits_with_and_without_counterfactuals(string aggregator)
    {
        SimulationOptions options = Small with { Aggregator = aggregator, Methods = ["exact", "permutation"] };
        List<LedgerEvent> plain = (await RunAsync(options)).Events;
        List<LedgerEvent> pooled = (await RunAsync(options with { Counterfactual = ["fedavgm", "fedadam", "krum"] })).Events;
        Assert.Equal(plain.OfType<RoundAggregated>().Select(e => e.Model), pooled.OfType<RoundAggregated>().Select(e => e.Model));
        Assert.Equal(plain.OfType<PayoutsPosted>().Select(EventJson.Serialize), pooled.OfType<PayoutsPosted>().Select(EventJson.Serialize));
        Assert.Equal(
            plain.OfType<RoundValued>().SelectMany(e => e.Valuations),
            pooled.OfType<RoundValued>().SelectMany(e => e.Valuations.Where(v => v.Method != Mean)));
    }

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedavgm")]
    [InlineData("fedadam")]
    [InlineData("fedadagrad")]
    [InlineData("fedyogi")]
    [InlineData("fedmedian")]
    [InlineData("krum")]
    [InlineData("qfedavg")]
    public async Task A_pool_of_the_training_aggregator_alone_gives_exactly_exact(string aggregator)
    {
        (InMemoryBlobStore blobs, List<LedgerEvent> events) = await RunAsync(Small with
        {
            Aggregator = aggregator, Counterfactual = [aggregator], Methods = ["exact", "fedrandom-mean"], Utility = "validation-accuracy",
        });
        foreach (RoundValued round in events.OfType<RoundValued>())
        {
            Assert.Equal(round.Valuations[0].Values, round.Valuations[1].Values);
            Assert.Equal(round.Valuations[0].Evaluations, round.Valuations[1].Evaluations);
            SafetensorsFile exact = SafetensorsFile.Read(await blobs.GetAsync(round.Valuations[0].Errors));
            SafetensorsFile mean = SafetensorsFile.Read(await blobs.GetAsync(round.Valuations[1].Errors));
            Assert.Equal(exact["replicates"].AsDoubles(), mean["replicates"].AsDoubles());
            Assert.False(mean.TryGet("member_standard_deviation", out _));
        }
    }

    [Fact]
    public async Task Members_value_by_brute_force_from_the_realized_models_with_states_that_saw_every_round()
    {
        string[] specs = ["fedavgm", "fedadam", "fedmedian"];
        (InMemoryBlobStore blobs, List<LedgerEvent> events) = await RunAsync(Small with { Aggregator = "fedrandom", Counterfactual = specs });
        FederationSetup setup = await FederationSetup.LoadAsync((FederationCreated)events[0], blobs);
        AggregationRule[] rules = [.. specs.Select(AggregationRules.Parse)];
        AggregationState[] states = [.. rules.Select(rule => rule.Start(setup.WeightCount))];
        foreach (RoundValued round in events.OfType<RoundValued>())
        {
            RoundUpdates updates = await UpdatesAsync(setup, blobs, events, round.Round);
            MethodValuation valuation = round.Valuations.Single(v => v.Method == Mean);
            int n = updates.Count;
            double[] stored = DoubleBlob.Read(await blobs.GetAsync(valuation.Values), n);
            SafetensorsFile errors = SafetensorsFile.Read(await blobs.GetAsync(valuation.Errors));
            double[] members = errors["member_values"].AsDoubles();
            Assert.Equal([3, n], errors["member_values"].Shape.ToArray().Select(d => (int)d));
            for (int m = 0; m < rules.Length; m++)
            {
                double[] game = [.. Enumerable.Range(0, 1 << n).Select(mask => Utility(setup, rules[m], states[m], updates, mask))];
                Close.Equal(BruteForce.Shapley(game), members[(m * n)..((m + 1) * n)],
                    rules[m].IsAdditive ? 1e-7 : 1e-12); // sums are rounded at other places
                states[m] = rules[m].Aggregate(states[m], updates).Next;
            }
            for (int j = 0; j < n; j++)
                Assert.Equal((members[j] + members[n + j] + members[2 * n + j]) / 3, stored[j]); // anyone can redo the mean
            Assert.Equal(3L << n, valuation.Evaluations);

            byte[] blob = await blobs.GetAsync(events.OfType<RoundAggregated>().Single(e => e.Round == round.Round).AggregatorState);
            ImmutableArray<AggregationState> after =
                (await AggregationState.FromBlobAsync(new MemoryStream(blob), setup.Pool, setup.Counterfactual)).Counterfactuals;
            Assert.Equal(states.Select(s => s.Steps), after.Select(s => s.Steps));
            Assert.Equal(states.SelectMany(s => s.Vectors), after.SelectMany(s => s.Vectors));
            Assert.All(after, state => Assert.Equal(round.Round, state.Steps)); // once per round
        }
    }

    static async Task<RoundUpdates> UpdatesAsync(FederationSetup setup, InMemoryBlobStore blobs, List<LedgerEvent> events, int round)
    {
        async Task<float[]> WeightsAsync(Digest model) => ModelFile.ReadWeights(setup.Manifest, await blobs.GetAsync(model));
        float[] model = await WeightsAsync(events.OfType<RoundOpened>().Single(e => e.Round == round).Model);
        UpdateAccepted[] accepted =
            [.. events.OfType<UpdateAccepted>().Where(e => e.Round == round).OrderBy(e => e.Participant, StringComparer.Ordinal)];
        var locals = new List<float[]>();
        foreach (UpdateAccepted update in accepted)
            locals.Add(await WeightsAsync(update.Update));
        return new RoundUpdates(
            [.. accepted.Select(u => u.Participant)], new UpdateRows(model, locals), [.. accepted.Select(u => u.Examples)]);
    }

    static double Utility(FederationSetup setup, AggregationRule rule, AggregationState state, RoundUpdates updates, int mask)
    {
        var model = new float[updates.Rows.Length];
        rule.CoalitionModel(state, updates, [.. Enumerable.Range(0, updates.Count).Where(k => (mask >> k & 1) == 1)], model);
        return -setup.LossOf(model)!();
    }

    [Fact]
    public async Task A_host_that_is_restarted_between_rounds_writes_the_same_ledger()
    {
        var roots = new List<TreeHead>();
        foreach (bool restarts in new[] { false, true })
        {
            var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
            InProcessHost host = await OpenAsync();
            await TinyFederation.BeginAsync(host, TinyFederation.Creation(
                "fedadam", ["exact", Mean], counterfactual: "fedrandom:fedavgm,fedyogi,fedadam"));
            for (int round = 1; round <= 3; round++)
            {
                if (restarts)
                {
                    await host.DisposeAsync();
                    host = await OpenAsync();
                }
                await TinyFederation.RoundAsync(host, round);
            }
            roots.Add(await host.HeadAsync());
            await host.DisposeAsync();

            Task<InProcessHost> OpenAsync() => InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), new FixedClock());
        }
        Assert.Equal(roots[0], roots[1]);
    }

    [Fact]
    public async Task A_federation_without_counterfactuals_stores_no_states_of_them()
    {
        (InMemoryBlobStore blobs, List<LedgerEvent> events) = await RunAsync(Small with { Aggregator = "fedadam" });
        SafetensorsFile states = SafetensorsFile.Read(await blobs.GetAsync(events.OfType<RoundAggregated>().Last().AggregatorState));
        Assert.Equal(["member0.m", "member0.steps", "member0.v"], states.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_mean_can_be_what_pays()
    {
        List<LedgerEvent> events = (await RunAsync(Small with { Counterfactual = ["fedrandom"], PayBy = "fedrandom-mean" })).Events;
        Assert.All(events.OfType<PayoutsPosted>(), payouts => Assert.Equal(Mean, payouts.PayBy));
    }

    [Fact]
    public void The_pool_is_spelled_out_on_the_ledger_and_brings_its_method()
    {
        var plan = SimulationPlan.Prepare(Small with { Counterfactual = ["fedrandom"], Aggregator = "krum" });
        Assert.Equal(["exact", Mean], plan.Creation.Terms.Methods);
        Assert.Equal(AggregationPool.Parse("fedrandom").Members.Select(m => m.Spec), plan.Options.Counterfactual!);
        Assert.Equal(plan.Options.Counterfactual!, plan.Creation.Terms.Counterfactual.Members.Select(m => m.Name));
        Assert.All(plan.Creation.Terms.Counterfactual.Members, m => Assert.NotEmpty(m.SmallCoalitions));
        Assert.Equal(["fedavg", "krum:byzantine=1"], Pool("fedrandom:fedavg", "krum:byzantine=1")); // as a comma divides them
        Assert.Null(SimulationPlan.Prepare(Small with { Counterfactual = [] }).Options.Counterfactual);
        Assert.Null(SimulationPlan.Prepare(Small).Creation.Terms.Counterfactual.Listed);

        static IEnumerable<string> Pool(params string[] specs) =>
            SimulationPlan.Prepare(Small with { Counterfactual = specs }).Creation.Terms.Counterfactual.Members.Select(m => m.Name);
    }

    [Fact]
    public void Twins_unknown_names_and_a_method_without_a_pool_are_refused()
    {
        Assert.StartsWith("Two members of the FedRandom pool are the same under their settings: 'fedavg' and 'fedavgm",
            Refusal.Of(() => SimulationPlan.Prepare(Small with { Counterfactual = ["fedavg", "fedavgm:momentum=0"] })));
        Assert.StartsWith("There is no aggregator 'fedsgd'; ",
            Refusal.Of(() => SimulationPlan.Prepare(Small with { Counterfactual = ["fedavg", "fedsgd"] })));
        Assert.Equal("The method 'fedrandom-mean' values rounds under a pool of counterfactual aggregators, but there is none; " +
            "name it with --counterfactual.", Refusal.Of(() => SimulationPlan.Prepare(Small with { Methods = ["exact", "fedrandom-mean"] })));

        var creation = SimulationPlan.Prepare(Small).Creation;
        AssertRefused("Counterfactual aggregators are read by the method 'fedrandom-mean', ", creation.Terms with
        {
            Counterfactual = new CounterfactualTerms([new AggregatorTerms("fedavg", "")]),
        });
        AssertRefused("The terms name an aggregator in its one spelling, 'fedavgm:", creation.Terms with
        {
            Methods = ["exact", Mean], Counterfactual = new CounterfactualTerms([new AggregatorTerms("fedavgm", "")]),
        });

        void AssertRefused(string start, FederationTerms terms) => Assert.StartsWith(start, Assert.ThrowsAny<FormatException>(
            () => new FederationSetup(terms, creation.Model, creation.Validation)).Message);
    }

    [Fact]
    public async Task An_aggregator_that_would_have_diverged_is_named()
    {
        SimulationException failure = await Assert.ThrowsAsync<SimulationException>(
            () => RunAsync(Small with { Counterfactual = ["fedavg", "fedavgm:server-learning-rate=1e30"], Model = "mlp:4", Rounds = 1 }));
        Assert.Contains(
            "counterfactual aggregator 'fedavgm:server-learning-rate=1E+30:momentum=0.9' would have made from participant-", failure.Message);
    }
}
