using System.Text.Json.Nodes;
using FedValue.Cli.Runs;
using FedValue.Ledger;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Federations;

public sealed class WholeFederationTests
{
    [Fact]
    public async Task A_scheduled_federation_runs_to_its_end_and_an_auditor_recomputes_it()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
        {
            IReadOnlyList<Trainer> trainers = await lab.FederateAsync("whole", 3, ""","schedule":{"rounds":2,"participants":3}""");
            for (int round = 1; round <= 2; round++)
            {
                JsonNode open = await lab.WaitAsync("whole", r => (string?)r["status"] == "open" && (int?)r["round"] == round);
                Assert.Equal(3, open["cohort"]!.AsArray().Count);
                foreach (Trainer trainer in trainers)
                    (await trainer.SubmitAsync(Trainer.Update(round + trainer.Id[1] * 0.1f))).Is(200);
            }
            JsonNode end = await lab.WaitAsync("whole", r => (string?)r["status"] == "closed");
            Assert.Equal(2, (int)end["roundsPaid"]!);

            Answer balances = (await trainers[0].GetAsync("balances")).Is(200);
            long paid = balances.Json!["balances"]!.AsArray().Sum(b => (long)b!["amount"]!) + (long)balances.Json["unallocated"]!;
            Assert.Equal(200_000, paid);
            Answer payouts = (await trainers[0].GetAsync("payouts?participant=t2")).Is(200);
            Assert.Equal(2, payouts.Json!["rounds"]!.AsArray().Count);
            Assert.All(payouts.Json["rounds"]!.AsArray(), 
                round => Assert.Equal("t2", (string)Assert.Single(round!["payouts"]!.AsArray())!["participant"]!));
            Answer values = (await trainers[0].GetAsync("contributions?round=2&participant=t3")).Is(200);
            JsonNode value = Assert.Single(Assert.Single(values.Json!["rounds"]!.AsArray())!["values"]!.AsArray())!;
            Assert.InRange((double)value["value"]!, (double)value["low"]!, (double)value["high"]!);
            Assert.Equal("exact", (string)Assert.Single(values.Json["totals"]!.AsArray())!["method"]!);
            (await trainers[0].GetAsync("contributions?round=3")).Is(404);
            (await trainers[0].GetAsync("contributions?participant=nobody")).Is(404);
            (await trainers[0].GetAsync("payouts?round=x")).Is(400);
        }
        string federation = folder["federations/whole"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        Assert.True(outcome.Report.State!.IsClosed);
    }

    [Fact]
    public async Task Another_architecture_without_validation_data_is_valued_by_agreement()
    {
        await using Lab lab = await Lab.StartAsync();
        byte[] model = Protocol.Safetensors.SafetensorsWriter.Write(
        [
            Protocol.Safetensors.Tensor.OfSingles("head", [2, 3], [1, 2, 3, 4, 5, 6]),
            Protocol.Safetensors.Tensor.OfInt64s("steps", [], [7]),
        ]);
        (await lab.TryCreateAsync("""{"name":"other","buffers":["steps"],"schedule":{"rounds":1,"participants":2}}""", model: model)).Is(201);
        IReadOnlyList<Trainer> trainers = await lab.EnrolAsync("other", "a", "b");
        await lab.WaitAsync("other", r => (string?)r["status"] == "open");
        foreach (Trainer trainer in trainers)
        {
            byte[] update = Protocol.Safetensors.SafetensorsWriter.Write(
            [
                Protocol.Safetensors.Tensor.OfSingles("head", [2, 3], [1, 2, 3, 4, 5, trainer.Id[0]]),
                Protocol.Safetensors.Tensor.OfInt64s("steps", [], [8]),
            ]);
            (await trainer.SubmitAsync(update)).Is(200);
        }
        await lab.WaitAsync("other", r => (string?)r["status"] == "closed");
        Answer values = (await trainers[0].GetAsync("contributions")).Is(200);
        Assert.Equal("gradient-shapley-agreement", (string)values.Json!["methods"]![0]!);
        Assert.Null(values.Json["totals"]![0]!["low"]);
    }

    [Fact]
    public async Task Receipts_entries_and_heads_prove_each_other()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("proof", 2))[0];
        await lab.OpenRoundAsync("proof");
        Answer accepted = (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
        JsonNode receipt = accepted.Json!["receipt"]!;
        AssertProves(receipt);
        Assert.Equal(4, (int)receipt["index"]!);
        JsonNode later = (await trainer.GetAsync("entries/1/receipt")).Is(200).Json!;
        AssertProves(later);
        (await trainer.GetAsync("entries/99/receipt")).Is(404);
        (await trainer.GetAsync("entries/x/receipt")).Is(404);

        JsonNode page = (await trainer.GetAsync("entries?from=1&count=2")).Is(200).Json!;
        Assert.Equal(5, (int)page["size"]!);
        Assert.Equal([1, 2], page["entries"]!.AsArray().Select(entry => (int)entry!["index"]!));
        Assert.All(page["entries"]!.AsArray(), entry => Assert.Equal(
            (string)entry!["leafHash"]!, MerkleHash.Leaf(System.Text.Encoding.UTF8.GetBytes((string)entry["entry"]!)).ToString()));
        (await trainer.GetAsync("entries?count=0")).Is(400);
        (await trainer.GetAsync("entries?from=-1")).Is(400);

        JsonNode older = (await trainer.GetAsync("entries/0/receipt")).Json!, head = (await trainer.GetAsync("head?from=2")).Is(200).Json!;
        Assert.Equal((string)older["root"]!, (string)head["root"]!);
        Assert.True(ConsistencyProof.Verify(
            new TreeHead(2, RootOfFirstTwo(page)), new TreeHead((long)head["size"]!, Digest.Parse((string)head["root"]!)),
            [.. head["consistency"]!.AsArray().Select(node => Digest.Parse((string)node!))]));
        Assert.Empty((await trainer.GetAsync("head")).Is(200).Json!["consistency"]!.AsArray());
        (await trainer.GetAsync("head?from=6")).Is(404);
        JsonNode then = (await trainer.GetAsync("head?from=2&to=3")).Is(200).Json!;
        Assert.Equal(3, (int)then["size"]!);
        Assert.True(ConsistencyProof.Verify(
            new TreeHead(3, Digest.Parse((string)then["root"]!)), new TreeHead((int)head["size"]!, Digest.Parse((string)head["root"]!)),
            [.. (await trainer.GetAsync("head?from=3")).Json!["consistency"]!.AsArray().Select(node => Digest.Parse((string)node!))]));
        (await trainer.GetAsync("head?from=2&to=6")).Is(404);
        (await trainer.GetAsync("head?from=3&to=2")).Is(400);
        (await trainer.GetAsync("head?to=2")).Is(400);

        Digest RootOfFirstTwo(JsonNode entries) => MerkleHash.Node(
            trainer.Ledger.FirstEntry, Digest.Parse((string)entries["entries"]![0]!["leafHash"]!));
    }

    static void AssertProves(JsonNode receipt) => Assert.True(InclusionProof.Verify(
        (long)receipt["index"]!, Digest.Parse((string)receipt["leafHash"]!),
        new TreeHead((long)receipt["size"]!, Digest.Parse((string)receipt["root"]!)),
        [.. receipt["proof"]!.AsArray().Select(node => Digest.Parse((string)node!))]));
}
