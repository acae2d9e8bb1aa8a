using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedValue.Cli.Runs;
using FedValue.Client;
using FedValue.Federation.Aggregation;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;
using Trainer = FedValue.Server.Tests.Support.Trainer;

namespace FedValue.Server.Tests.Federations;

/// <summary>Rounds that the operator gives up, over HTTP.</summary>
public sealed class AbandonmentTests
{
    const string Pool = "fedrandom:fedavg,fedavgm:server-learning-rate=1e60";

    [Fact]
    public async Task Clients_go_on_by_themselves_behind_a_round_that_could_never_be_paid_and_an_auditor_recomputes_it_all()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
        {
            var pool = AggregationPool.Parse(Pool);
            int seed = Enumerable.Range(0, 1000).First(s => pool.Draw(s, 1) == 0 && pool.Draw(s, 2) == 1 && pool.Draw(s, 3) == 0);
            (await lab.TryCreateAsync($$"""
                {"name":"f","model":"softmax","methods":["exact"],"aggregator":"{{Pool}}","seed":{{seed}},"schedule":{"rounds":2,"participants":2} }
                """, Lab.Validation())).Is(201);
            var trained = new List<(string, int)>();
            var notices = new Notices();
            Task[] running = [await RunAsync(lab, "a", trained, notices), await RunAsync(lab, "b", trained, notices)];

            JsonNode stuck = await lab.WaitAsync("f", r => r["problem"] is not null);
            Assert.Equal((2, 1), ((int)stuck["round"]!, (int)stuck["roundsPaid"]!));
            Answer receipt = (await lab.OperateAsync(
                HttpMethod.Post, "/federations/f/rounds/2/abandon", """{"reason":"A learning rate of 1e60 was a mistake."}""")).Is(200);
            string entry = (await lab.EntriesAsync("f"))[(int)receipt.Json!["index"]!];
            Assert.StartsWith("""{"type":"round-abandoned","round":2,"model":""", entry);
            Assert.Contains("\"reason\":\"A learning rate of 1e60 was a mistake.\"", entry);

            await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(["Round 2 was abandoned and is not paid: A learning rate of 1e60 was a mistake."], notices.Said);
            JsonNode end = await lab.WaitAsync("f", r => (string?)r["status"] == "closed");
            Assert.Equal((2, null), ((int)end["roundsPaid"]!, end["problem"]));
            Assert.Equal(
                [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)], trained.Order());
            Assert.Equal([1, 3], (await lab.OperateAsync(HttpMethod.Get, "/federations/f/payouts")).Is(200).Json!["rounds"]!.AsArray()
                .Select(round => (int)round!["round"]!));
            Assert.Contains("abandoned", (string)(await lab.OperateAsync(HttpMethod.Get, "/federations/f/payouts?round=2")).Is(404).Json!["detail"]!);
            (await lab.OperateAsync(HttpMethod.Get, "/federations/f/payouts?round=3")).Is(200);
        }
        string federation = folder["federations/f"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        Assert.Contains("2 rounds, 2 participants; abandoned unpaid: round 2", outcome.ToText());
        Assert.Equal(2, (int)Assert.Single(outcome.ToJson()["abandonedRounds"]!.AsArray())!);
    }

    [Fact]
    public async Task A_round_that_is_short_of_its_quorum_is_abandoned_and_the_schedule_goes_on_without_who_is_gone()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("short", 2, ""","schedule":{"rounds":1,"participants":2}""");
        await lab.WaitAsync("short", r => (string?)r["status"] == "open");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/short/participants/t2/key")).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/short/rounds/1/abandon", """{"reason":"t2 is gone."}""")).Is(200);
        JsonNode next = await lab.WaitAsync("short", r => (int?)r["round"] == 2);
        Assert.Equal("t1", (string)Assert.Single(next["cohort"]!.AsArray())!);
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200); // signed anew, for the round that there is
        Assert.Equal(1, (int)(await lab.WaitAsync("short", r => (string?)r["status"] == "closed"))["roundsPaid"]!);
    }

    [Fact]
    public async Task A_valuation_that_takes_too_long_is_stopped_with_its_round()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync(
            """{"name":"long","model":"softmax","methods":["permutation"],"permutations":1000000,"stop":"permutations:1000000"}""",
            Lab.Validation())).Is(201);
        IReadOnlyList<Trainer> trainers = await lab.EnrolAsync("long", [.. Enumerable.Range(10, 20).Select(k => $"t{k}")]);
        await lab.OpenRoundAsync("long");
        foreach (Trainer trainer in trainers)
            (await trainer.SubmitAsync(Trainer.Update(trainer.Id[^1] * 0.01f))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/long/rounds/1/close")).Is(202);
        while (!(await lab.EntriesAsync("long"))[^1].Contains("round-aggregated", StringComparison.Ordinal))
            await Task.Delay(10);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/long/rounds/1/abandon", """{"reason":"It takes too long."}""")).Is(200);
        await lab.OpenRoundAsync("long");
        foreach (Trainer trainer in trainers.Take(2))
            (await trainer.SubmitAsync(Trainer.Update(trainer.Id[^1] * 0.01f))).Is(200);
        // It can be closed at once: nobody works on the abandoned one any more.
        (await lab.OperateAsync(HttpMethod.Post, "/federations/long/rounds/2/close")).Is(202);
        await lab.WaitAsync("long", r => (string?)r["status"] == "closing" || (int)r["roundsPaid"]! == 1);
        Assert.Null((await lab.WaitAsync("long", r => (int?)r["round"] != 1))["problem"]);
    }

    [Fact]
    public async Task What_cannot_be_abandoned_is_refused_with_what_to_blame()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("asked", 1))[0];
        const string path = "/federations/asked/rounds/1/abandon", reason = """{"reason":"Why not."}""";
        (await lab.SendAsync(HttpMethod.Post, path, Lab.Json(reason))).Is(401);
        (await lab.OperateAsync(HttpMethod.Post, path, reason)).Is(409, "no-round");
        await lab.OpenRoundAsync("asked");
        Answer other = (await lab.OperateAsync(HttpMethod.Post, path.Replace('1', '2'), reason)).Is(409, "wrong-round");
        Assert.Equal(("round", "1", "2"), (other.Field, other.Expected, other.Came));
        foreach (string json in new[] { "{}", """{"reason":""}""", """{"reason":7}""", $$"""{"reason":"{{new string('x', 501)}}"}""" })
            Assert.Equal("reason", (await lab.OperateAsync(HttpMethod.Post, path, json)).Is(400, "malformed").Field);
        foreach (string escaped in new[] { "\\n", "\\t", "\\u0000", "\\u001b[2J", "\\u007f" })
        {
            Answer control = (await lab.OperateAsync(HttpMethod.Post, path, $$"""{"reason":"a{{escaped}}b"}""")).Is(400, "malformed");
            Assert.Equal("reason", control.Field);
            Assert.Contains("without control characters", control.Expected);
            Assert.StartsWith("a?", control.Came);
        }
        Answer twice = (await lab.OperateAsync(HttpMethod.Post, path, """{"reason":"x","reason":"x"}""")).Is(400, "malformed");
        Assert.Equal(("reason", "one value", "two values"), (twice.Field, twice.Expected, twice.Came));
        foreach ((string json, string came) in new[] { ("", "nothing"), ("{", "something that is no JSON") })
        {
            Answer broken = (await lab.OperateAsync(HttpMethod.Post, path, json)).Is(400, "malformed");
            Assert.Equal(("body", "a JSON object", came), (broken.Field, broken.Expected, broken.Came));
        }
        Assert.Equal("close", (await lab.OperateAsync(HttpMethod.Post, path, """{"reason":"x","close":1}""")).Is(400).Field);
        int before = (await lab.EntriesAsync("asked")).Length;
        (await lab.OperateAsync(HttpMethod.Post, path, reason)).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, path, reason)).Is(409, "no-round");
        Assert.Equal(before + 1, (await lab.EntriesAsync("asked")).Length);
        Assert.Equal("none", (string)(await trainer.GetAsync("rounds/current")).Json!["status"]!);
    }

    [Fact]
    public async Task A_federation_whose_every_round_fails_ends_with_one_of_them()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync(
            "hopeless", 1, ""","aggregator":"fedavgm:server-learning-rate=1e60","schedule":{"rounds":5,"participants":1}""");
        await lab.WaitAsync("hopeless", r => (string?)r["status"] == "open");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        await lab.WaitAsync("hopeless", r => r["problem"] is not null);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/hopeless/rounds/1/abandon", """{"reason":"A mistake.","close":true}""")).Is(200);
        JsonNode end = await lab.WaitAsync("hopeless", r => (string?)r["status"] == "closed" && r["problem"] is null);
        Assert.Equal(0, (int)end["roundsPaid"]!);
        Assert.Empty((await lab.GetAsync("/health/ready")).Is(200).Json!["problems"]!.AsArray());
    }

    /// <summary>Enrols a client and lets it train until the federation has ended.</summary>
    /// <summary>What clients say beside their results, each sentence once.</summary>
    sealed class Notices : IProgress<string>
    {
        readonly HashSet<string> _said = [];

        public IReadOnlyCollection<string> Said => _said;

        public void Report(string value)
        {
            lock (_said)
                _said.Add(value);
        }
    }

    static async Task<Task> RunAsync(Lab lab, string id, List<(string, int)> trained, IProgress<string> notices)
    {
        ECDsa key = KeyFile.Create();
        var client = new FedValueClient(lab.Http.BaseAddress!, "f", id, key, new ClientOptions { Notices = notices });
        await client.EnrolAsync(await lab.TokenAsync("f", id), 100);
        return Task.Run(async () =>
        {
            using (key)
            using (client)
            {
                await client.RunAsync(new Client.Trainer((model, _) =>
                {
                    lock (trained)
                        trained.Add((id, model.Round));
                    return Task.FromResult(model.Update(Array.ConvertAll(model.Weights(), weight => weight + 0.25f), examples: 10));
                }));
                LedgerReport report = await client.VerifyLedgerAsync();
                Assert.Equal((2, 6, 4), (report.RoundsPaid, report.Updates, report.Receipts));
                Assert.Equal(2, Assert.Single(report.RoundsAbandoned));
            }
        });
    }
}
