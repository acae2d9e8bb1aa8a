using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Valuation.Anomalies;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>The whole way from updates on a ledger to findings.</summary>
public sealed class AnomalyScanTests
{
    [Fact]
    public async Task On_iid_data_flipped_labels_are_found_and_nobody_else()
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            Assert.Empty((await SimulateAsync("iid", seed)).Findings);
            Assert.Equal(
                ["disagrees participant-2", "disagrees participant-5", "disagrees participant-7"],
                Named(await SimulateAsync("iid", seed, "label-flip:0.6@2,5,7")));
        }
    }

    [Fact]
    public async Task On_dirichlet_data_flippers_are_found_more_often_than_not_and_nobody_else()
    {
        int found = 0;
        for (int seed = 1; seed <= 3; seed++)
        {
            Assert.Empty((await SimulateAsync("dirichlet:0.5", seed)).Findings);
            string[] named = [.. Named(await SimulateAsync("dirichlet:0.5", seed, "label-flip:0.6@2,5,7"))];
            Assert.Empty(named.Except(["disagrees participant-2", "disagrees participant-5", "disagrees participant-7"]));
            found += named.Length;
        }
        Assert.InRange(found, 5, 9);
    }

    [Fact]
    public async Task Who_repeats_the_last_step_is_found_although_it_misses_rounds()
    {
        AnomalyReport report = await SimulateAsync(new SimulationOptions
        {
            Participants = 6, Partition = "iid", Participation = 0.5m, Corrupt = ["free-rider-delta@2"], Rounds = 8, Methods = [],
            Policy = "equal", Seed = 4,
        });
        Assert.Contains(report.Findings, f => f.Sentence.StartsWith("participant-2 sends the federation's last step again"));
        Assert.All(report.Findings, f => Assert.Equal(["participant-2"], f.Participants));
    }

    [Fact]
    public async Task A_duplicate_is_found_and_nobody_else() => Assert.Equal(
        ["near-duplicate participant-1, participant-4"], Named(await SimulateAsync("dirichlet:0.5", 1, "duplicate-of:1@4")));

    [Theory]
    [InlineData("none", "")]
    [InlineData("label-flip", "disagrees 2")]
    [InlineData("label-shift", "disagrees 2")]
    [InlineData("label-random", "disagrees 2")]
    [InlineData("feature-noise", "")] // too weak to be seen
    [InlineData("duplicate-of", "near-duplicate 1, 2")]
    [InlineData("redundancy", "disagrees 2")]
    [InlineData("backdoor", "disagrees 2")]
    [InlineData("free-rider", "free-rider 2")]
    [InlineData("free-rider-random", "disagrees 2")]
    [InlineData("free-rider-stale", "free-rider 2; stale 2; disagrees 2")]
    [InlineData("free-rider-delta", "free-rider 2; free-rider 2")] // the model in the first round, then the last step
    [InlineData("free-rider-copy", "copy 1, 2; near-duplicate 1, 2")]
    [InlineData("free-rider-replay", "replay 2")]
    [InlineData("sybil-split", "")] // identities with rows of their own behave like participants
    [InlineData("inflate-examples", "")] // threefold is no more than an honest difference
    [InlineData("inflate-loss", "claim 2")]
    [InlineData("sign-flip", "disagrees 2")]
    [InlineData("model-replacement", "large-norm 2")]
    public async Task Every_attack_is_seen_or_known_not_to_be(string attack, string findings)
    {
        var options = new SimulationOptions { Scenario = "attack:" + attack, Rounds = 5, Methods = [], Policy = "equal" };
        string[] seen = [.. Named(await SimulateAsync(options)).Select(f => f.Replace("participant-", ""))];
        Assert.Equal(findings, string.Join("; ", seen));
    }

    [Fact]
    public async Task Repeated_bytes_are_told_apart_by_what_they_repeat()
    {
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await using InProcessHost host = await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), TimeProvider.System);
        await host.CreateAsync(TinyFederation.Creation());
        foreach (string participant in TinyFederation.Participants)
            await host.EnrolAsync(participant, 100);
        byte[] stale = [];
        for (int round = 1; round <= 3; round++)
        {
            var opened = await host.OpenRoundAsync(TinyFederation.Participants);
            byte[] model = await blobs.GetAsync(opened.Model);
            ReadOnlyMemory<byte> honest = TinyFederation.Submission("b", round).Update, own = TinyFederation.Submission("hospital-7", 1).Update;
            await host.SubmitAsync(new UpdateSubmission("a", round, 10, model)); // sends the round's model back
            await host.SubmitAsync(new UpdateSubmission("b", round, 10, honest));
            await host.SubmitAsync(new UpdateSubmission("hospital-10", round, 10, honest)); // copies b
            await host.SubmitAsync(new UpdateSubmission("hospital-7", round, 10, round == 2 ? stale : own)); // in round 3 the first one again
            await host.CloseRoundAsync();
            stale = model;
        }

        AnomalyReport report = await AnomalyScan.RunAsync(await FederationHistory.LoadAsync(ledger, blobs), blobs);
        Assert.Equal(
            [
                "a sent the round's own model back, bit for bit, in 3 of 3 rounds.",
                "hospital-10 sent the same bytes as b in 3 of 3 rounds.",
                "hospital-7 sent the model of an earlier round, bit for bit, in 1 of 3 rounds.",
                "hospital-7 sent an earlier update of its own again, bit for bit, in 1 of 3 rounds.",
            ],
            report.Findings.Where(f => f.IsCertain).Select(f => f.Sentence));
    }

    [Fact]
    public async Task An_update_that_moves_the_model_as_an_earlier_one_did_is_at_no_distance_from_it()
    {
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await using InProcessHost host = await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), TimeProvider.System);
        await host.CreateAsync(TinyFederation.Creation());
        await host.EnrolAsync("b", 100);
        await host.EnrolAsync("replayer", 100);
        for (int round = 1; round <= 3; round++)
        {
            var opened = await host.OpenRoundAsync(["b", "replayer"]);
            float[] model = ModelFile.ReadWeights(TinyFederation.Network.Manifest, await blobs.GetAsync(opened.Model));
            float[] moved = [.. model.Select((w, i) => w + 0.1f * (i + 1))]; // base + the first difference
            await host.SubmitAsync(TinyFederation.Submission("b", round));
            await host.SubmitAsync(new UpdateSubmission("replayer", round, 10, ModelFile.Write(TinyFederation.Network.Manifest, moved)));
            await host.CloseRoundAsync();
        }
        AnomalyReport report = await AnomalyScan.RunAsync(await FederationHistory.LoadAsync(ledger, blobs), blobs);
        Assert.InRange(report.Scores[1].OwnDistance!.Value, 0, 1e-5);
        Assert.InRange(report.Scores[0].OwnDistance!.Value, 0.1, 10);
        Assert.Contains(report.Findings, f => f.Kind == "replay" && f.Participants.SequenceEqual(["replayer"]));
        Assert.DoesNotContain(report.Findings, f => f.Kind == "replay" && f.Participants.Contains("b"));
    }

    static IEnumerable<string> Named(AnomalyReport report) => report.Findings.Select(f => $"{f.Kind} {string.Join(", ", f.Participants)}");

    static async Task<AnomalyReport> SimulateAsync(string partition, long seed, params string[] corrupt)
    {
        return await SimulateAsync(new SimulationOptions
        {
            Participants = 8, Partition = partition, Corrupt = corrupt, Rounds = 8, Methods = [], Policy = "equal", Seed = seed,
        });
    }

    static async Task<AnomalyReport> SimulateAsync(SimulationOptions options)
    {
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        return await AnomalyScan.RunAsync(await FederationHistory.LoadAsync(ledger, blobs), blobs);
    }
}
