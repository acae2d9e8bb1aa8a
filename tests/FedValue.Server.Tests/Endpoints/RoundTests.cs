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
        JsonNode closing = (await lab.OperateAsync(HttpMethod.Post, "/federations/manual/rounds/1/close")).Is(202).Json!;
        Assert.NotEqual("open", (string)closing["status"]!); // closing, or so quick that it is paid
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

    [Theory]
    [InlineData("01")]
    [InlineData("99999999999")]
    [InlineData("2147483648")]
    [InlineData("-1")]
    [InlineData("1.0")]
    public async Task A_round_has_one_address(string number)
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("address", 1))[0];
        await lab.OpenRoundAsync("address");
        (int round, Ledger.Digest model) = await trainer.RoundAsync();
        string path = $"/federations/address/rounds/{number}/updates/t1";
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), request => request.RequestUri = new Uri(path, UriKind.Relative)))
            .Is(404, "not-found");
        Answer close = (await lab.OperateAsync(HttpMethod.Post, $"/federations/address/rounds/{number}/close")).Is(404, "not-found");
        Assert.Equal(("round", "a whole number from 0 to 2147483647 without leading zeros", number), (close.Field, close.Expected, close.Came));
        (await lab.OperateAsync(HttpMethod.Get, "/federations/address/entries/00/receipt")).Is(404, "not-found");
    }

    [Fact]
    public async Task What_comes_at_the_wrong_time_hears_in_words_and_as_data_how_the_federation_stands()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("late", 1))[0];
        const string rounds = "/federations/late/rounds", close = "/federations/late/close", key = "/federations/late/participants/t1/key";
        string token = await lab.TokenAsync("late", "t2");
        async Task RefusedAsync(HttpMethod method, string path, string field, string expected, string came, string? json = null)
        {
            Answer answer = (await lab.OperateAsync(method, path, json)).Is(409, "conflict");
            Assert.Equal((field, expected, came), (answer.Field, answer.Expected, answer.Came));
            Assert.DoesNotMatch("[a-z][A-Z]", (string)answer.Json!["detail"]!); // no names of classes
        }
        await RefusedAsync(HttpMethod.Post, rounds, "cohort", "every participant once", "t1, t1", """{"cohort":["t1","t1"]}""");
        await lab.OpenRoundAsync("late");
        await RefusedAsync(HttpMethod.Post, rounds, "status", "none", "open");
        await RefusedAsync(HttpMethod.Post, close, "status", "none", "open");
        (await lab.OperateAsync(HttpMethod.Post, rounds + "/1/abandon", """{"reason":"It ends.","close":true}""")).Is(200);
        const string on = "a federation that goes on", over = "closed";
        await RefusedAsync(HttpMethod.Post, rounds, "status", on, over);
        await RefusedAsync(HttpMethod.Post, close, "status", on, over);
        await RefusedAsync(HttpMethod.Delete, key, "status", on, over);
        Assert.Equal("status", (await new Trainer(lab, trainer.Ledger, "t2").EnrolAsync(token)).Is(409, "conflict").Field);
        Answer none = (await lab.OperateAsync(HttpMethod.Post, rounds + "/1/close")).Is(409, "no-round");
        Assert.Equal(("round", "a round that is open", "1"), (none.Field, none.Expected, none.Came));
    }

    [Fact]
    public async Task No_more_are_invited_than_the_methods_can_value()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("many", 21);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/many/rounds")).Is(409, "too-many");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/many/rounds", """{"cohort":["t1","t2"]}""")).Is(201);
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
        Assert.Equal(
            ["Federation 'bang' cannot go on; its round announcement says why."],
            ready.Json!["problems"]!.AsArray().Select(problem => (string)problem!));
        // It is tried again when there is something new, or when the operator asks; not in between.
        (await lab.OperateAsync(HttpMethod.Post, "/federations/bang/rounds/1/close")).Is(202);
        await lab.WaitAsync("bang", r => r["problem"] is not null);
        Assert.Equal(0, (int)(await trainers[1].GetAsync("balances")).Json!["roundsPaid"]!);
    }
}
