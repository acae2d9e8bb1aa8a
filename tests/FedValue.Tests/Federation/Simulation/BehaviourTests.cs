using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What participants send, round by round, against what they would send if they were honest.</summary>
public class BehaviourTests
{
    static readonly SimulationOptions Options = new()
    {
        Dataset = "breast-cancer", Partition = "iid", Participants = 3, Rounds = 3, Methods = [], Policy = "equal",
    };

    /// <summary>Two rounds with made-up models 0.1 and 0.2; participant 2 behaves, 1 and 3 are honest.</summary>
    static (float[][] First, float[][] Second) Send(string? corruption, int[]? secondCohort = null)
    {
        var plan = SimulationPlan.Prepare(Options with { Corrupt = corruption is null ? [] : [corruption] });
        var trainers = new SimulatedTrainers(plan, threads: 2);
        return (trainers.Send(1, [0, 1, 2], Model(0.1f), default), trainers.Send(2, secondCohort ?? [0, 1, 2], Model(0.2f), default));
    }

    static float[] Model(float weight) =>
        [.. Enumerable.Repeat(weight, SimulationPlan.Prepare(Options with { Corrupt = [] }).Network.WeightCount)];

    [Fact]
    public void Behaviours_are_what_they_say()
    {
        (float[][] honest, float[][] honestNext) = Send(null);
        float[] one = Model(0.1f), two = Model(0.2f);
        Check("free-rider@2", one, two);
        Check("free-rider-stale@2", one, one);
        Check("free-rider-delta@2", one, Step(two, one, two, 1));
        Check("free-rider-copy:3@2", honest[2], honestNext[2]);
        Check("free-rider-replay@2", honest[1], Step(two, one, honest[1], 1));
        Check("sign-flip@2", Step(one, one, honest[1], -1), Step(two, two, honestNext[1], -1));
        Check("model-replacement:2.5@2", Step(one, one, honest[1], 2.5), Step(two, two, honestNext[1], 2.5));
        Check("label-flip:0.0000001@2", honest[1], honestNext[1]);

        void Check(string corruption, float[] first, float[] second)
        {
            (float[][] sent, float[][] next) = Send(corruption);
            Assert.True(Bits.Of(first).SequenceEqual(Bits.Of(sent[1])), corruption + " in round 1");
            Assert.True(Bits.Of(second).SequenceEqual(Bits.Of(next[1])), corruption + " in round 2");
            foreach (int k in new[] { 0, 2 })
                Assert.True(Bits.Of(honest[k]).SequenceEqual(Bits.Of(sent[k])) && Bits.Of(honestNext[k]).SequenceEqual(Bits.Of(next[k])));
        }
    }

    [Fact]
    public void Noise_has_its_standard_deviation_and_differs_by_round()
    {
        (float[][] sent, float[][] next) = Send("free-rider-random:0.5@2");
        double[] noise = [.. sent[1].Select(weight => weight - 0.1)];
        Assert.InRange(Math.Sqrt(noise.Average(x => x * x)), 0.35, 0.65); // 62 weights
        Assert.NotEqual(noise.Select(x => (float)x), next[1].Select(weight => weight - 0.2f));
        Assert.Equal(Bits.Of(sent[1]), Bits.Of(Send("free-rider-random:0.5@2").First[1]));
    }

    [Fact]
    public void Who_misses_a_round_remembers_its_own_last_one_and_a_copier_without_source_sends_the_model()
    {
        Assert.Equal(Model(0.2f), Send("free-rider-copy:3@2", secondCohort: [0, 1]).Second[1]);
        var plan = SimulationPlan.Prepare(Options with { Corrupt = ["free-rider-stale@2"] });
        var trainers = new SimulatedTrainers(plan, threads: 1);
        trainers.Send(1, [0, 1, 2], Model(0.1f), default);
        trainers.Send(2, [0, 2], Model(0.2f), default);
        Assert.Equal(Model(0.1f), trainers.Send(3, [1], Model(0.3f), default)[0]);
    }

    [Fact]
    public async Task A_backdoor_opens_the_federations_model()
    {
        double with = await TriggeredAsync("backdoor:3@2"), without = await TriggeredAsync("label-flip:0.0000001@2");
        Assert.True(with > without + 0.2, $"{with} of the rows with a trigger are taken for class 3, against {without}");

        // Which share of the test rows of other classes the last model takes for class 3, once they carry the trigger.
        static async Task<double> TriggeredAsync(string corruption)
        {
            var plan = SimulationPlan.Prepare(new SimulationOptions
            {
                Partition = "iid", Participants = 3, Corrupt = [corruption], Rounds = 5, Methods = [], Policy = "equal",
            });
            var blobs = new InMemoryBlobStore();
            var ledger = new InMemoryLedgerStore();
            await new SimulationRunner(plan, ledger, blobs).RunAsync();
            Digest last = (await FederationHistory.LoadAsync(ledger, blobs)).Rounds[^1].Aggregated.Model;
            Network network = plan.Network;
            int[] others = [.. Enumerable.Range(0, plan.Test.Count).Where(row => plan.Test.Labels[row] != 3)];
            float[] features = [.. others.SelectMany(row => plan.Test.Row(row)[..^4].ToArray().Concat([4f, 4f, 4f, 4f]))];
            var triggered = new LabelledRows(plan.Test.Width, features, [.. others.Select(_ => 3)]);
            return ModelScore.Mean(network, triggered, ModelFile.ReadWeights(network.Manifest, await blobs.GetAsync(last))).Accuracy;
        }
    }

    static float[] Step(float[] model, float[] from, float[] to, double factor) =>
        [.. model.Select((weight, i) => (float)(weight + factor * ((double)to[i] - from[i])))];
}
