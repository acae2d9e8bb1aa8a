using System.Text.Json.Nodes;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed class RoundTests
{
    [Fact]
    public async Task Without_a_schedule_the_operator_opens_and_closes_rounds()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("manual", 3);
        JsonNode none = (await trainers[0].GetAsync("rounds/current")).Is(200).Json!;
        Assert.Equal("none", (string)none["status"]!);
        Assert.Null(none["round"]);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/1/close")).Is(409, "no-round");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds", """{"cohort":["t1","nobody"]}""")).Is(409, "nobody");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds", """{"cohort":[]}""")).Is(409, "nobody");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds", """{"cohort":["t1","t1"]}""")).Is(409);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds", """{"cohort":"t1"}""")).Is(400);
        JsonNode open = (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds", """{"cohort":["t3","t1"]}""")).Is(201).Json!;
        Assert.Equal(["t1", "t3"], open["cohort"]!.AsArray().Select(id => (string)id!));
        Assert.Null(open["deadline"]);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds")).Is(409);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/1/close")).Is(409, "no-updates");
        (await trainers[2].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/2/close")).Is(409, "wrong-round");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/x/close")).Is(404);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/1/close")).Is(202);
        await lab.WaitAsync("manual", r => (int)r["roundsPaid"]! == 1);
    }

    [Fact]
    public async Task A_schedule_is_kept_even_against_the_operator_and_a_deadline_closes()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync(
            "timed", 2, ""","schedule":{"rounds":1,"participants":2,"minimumReporting":1,"deadlineSeconds":1}""");
        JsonNode open = await lab.WaitAsync("timed", r => (string?)r["status"] == "open");
        Assert.Equal(1, ((DateTimeOffset)open["deadline"]! - (DateTimeOffset)open["openedAt"]!).TotalSeconds);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/timed/rounds")).Is(409, "scheduled");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/timed/rounds/1/close")).Is(409, "scheduled");
        JsonNode closed = await lab.WaitAsync("timed", r => (string?)r["status"] == "closed");
        Assert.Equal(1, (int)closed["roundsPaid"]!);
    }

    [Fact]
    public async Task A_model_that_diverges_leaves_the_round_as_it_is_and_says_so()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync(
            "bang", 2, ""","aggregator":"fedavgm:server-learning-rate=1e60","schedule":{"rounds":1,"participants":2,"quorum":1}""");
        await lab.WaitAsync("bang", r => (string?)r["status"] == "open");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200); // the operator's learning rate carries a good update out of all bounds
        JsonNode stuck = await lab.WaitAsync("bang", r => r["problem"] is not null);
        Assert.Equal(1, (int)stuck["round"]!);
        Assert.Contains("Round 1", (string)stuck["problem"]!);
        Answer ready = (await lab.GetAsync("/health/ready")).Is(200);
        Assert.Contains("Round 1", ready.Text);
        // It is tried again when there is something new, or when the operator asks; not in between.
        (await lab.OperateAsync(HttpMethod.Post, "/federations/bang/rounds/1/close")).Is(202);
        await lab.WaitAsync("bang", r => r["problem"] is not null);
        Assert.Equal(0, (int)(await trainers[1].GetAsync("balances")).Json!["roundsPaid"]!);
    }
}
