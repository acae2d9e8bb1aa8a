using System.Text.Json.Nodes;
using FedValue.Ledger;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Cli;

namespace FedValue.Server.Tests.Federations;

/// <summary>The operator asks who behaves oddly in a federation that is served.</summary>
public sealed class AnomaliesTests
{
    [Fact]
    public async Task Who_copies_and_who_sends_the_model_back_is_named_while_the_server_runs_and_nothing_is_written()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("odd", 4);
        ProcessOutcome early = await RunAsync(lab, "federations/odd");
        Assert.Equal((0, "No round was paid yet, so there is nothing to look at.\n"), (early.ExitCode, early.Output));

        await lab.OpenRoundAsync("odd");
        (int round, Digest model) = await trainers[0].RoundAsync();
        byte[] same = (await trainers[0].GetAsync($"models/{model}")).Is(200).Body;
        byte[][] updates = [Trainer.Update(1), Trainer.Update(-2), same, Trainer.Update(1)];
        for (int k = 0; k < trainers.Count; k++)
            (await trainers[k].SubmitAsync(round, model, updates[k])).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/odd/rounds/1/close")).Is(202);
        await lab.WaitAsync("odd", r => (int)r["roundsPaid"]! == 1);

        string[] before = Files(lab);
        ProcessOutcome text = await RunAsync(lab, "federations/odd");
        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        Assert.Contains("anomaly: t3 sent the round's own model back, bit for bit, in 1 of 1 round.", text.Output);
        Assert.Contains("anomaly: t4 sent the same bytes as t1 in 1 of 1 round.", text.Output);
        Assert.Contains("looked at: 1 paid round of 'odd'", text.Output);
        Assert.DoesNotContain("t2 sent", text.Output);
        ProcessOutcome json = await RunAsync(lab, "federations/odd", "--json");
        JsonNode[] findings = [.. json.Json["findings"]!.AsArray().Select(finding => finding!)];
        Assert.Equal(["copy", "free-rider"], findings.Where(f => (bool)f["certain"]!).Select(f => (string)f["kind"]!).Distinct().Order());
        Assert.Equal(["t1", "t2", "t3", "t4"], json.Json["scores"]!.AsArray().Select(score => (string)score!["participant"]!));
        Assert.Equal(before, Files(lab));

        // The operator's tool may be wrong about nothing that it cannot read.
        string blob = Directory.EnumerateFiles(Path.Combine(lab.Folder, "federations/odd/blobs"), "*", SearchOption.AllDirectories)
            .Single(file => File.ReadAllBytes(file).AsSpan().SequenceEqual(updates[1]));
        File.Delete(blob);
        ProcessOutcome damaged = await RunAsync(lab, "federations/odd");
        Assert.Equal(2, damaged.ExitCode);
        Assert.Contains("'fedvalue audit' says what is wrong with it", damaged.Sentence);
    }

    static Task<ProcessOutcome> RunAsync(Lab lab, params string[] arguments) => FedValueProcess.RunAsync(lab.Folder, ["anomalies", .. arguments]);

    static string[] Files(Lab lab) => [.. Directory.EnumerateFiles(lab.Folder, "*", SearchOption.AllDirectories)
        .Select(file => $"{file} {File.GetLastWriteTimeUtc(file).Ticks}").Order(StringComparer.Ordinal)];
}
