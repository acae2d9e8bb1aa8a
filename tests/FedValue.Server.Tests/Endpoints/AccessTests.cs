using FedValue.Ledger;
using FedValue.Server.Http;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed class AccessTests
{
    static readonly (HttpMethod Method, string Path)[] ForTheOperator =
    [
        (HttpMethod.Post, "/federations"), (HttpMethod.Get, "/federations"), (HttpMethod.Post, "/federations/access/tokens"),
        (HttpMethod.Delete, "/federations/access/participants/t1/key"), (HttpMethod.Post, "/federations/access/rounds"),
        (HttpMethod.Post, "/federations/access/rounds/1/close"), (HttpMethod.Post, "/federations/access/close"),
    ];

    static readonly string[] ForParticipants =
    [
        "rounds/current", "models/" + Zeros, "blobs/" + Zeros, "contributions", "payouts", "balances", "entries",
        "entries/0/receipt", "head", "events",
    ];

    const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public async Task Headers_beyond_all_bounds_are_turned_away_without_a_body_and_the_server_goes_on()
    {
        await using Lab lab = await Lab.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.Add("FedValue-Signature", new string('A', 20_000));
        using HttpResponseMessage answer = await lab.Http.SendAsync(request);
        Assert.Equal((431, 0), ((int)answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
        (await lab.GetAsync("/health/live")).Is(200);
    }

    [Fact]
    public async Task Every_address_is_for_who_may()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { FailuresPerMinute = 1000 });
        Trainer trainer = (await lab.FederateAsync("access", 1))[0];
        foreach ((HttpMethod method, string path) in ForTheOperator)
        {
            Answer nobody = (await lab.SendAsync(method, path)).Is(401);
            Assert.Equal(2, nobody.Headers.WwwAuthenticate.Count);
            (await lab.SendAsync(method, path, null, "Bearer wrong")).Is(401);
            (await lab.SendAsync(method, path, null, trainer.Authorization(method.Method, path))).Is(403);
        }
        foreach (string rest in ForParticipants)
        {
            (await lab.GetAsync("/federations/access/" + rest)).Is(401);
            (await lab.GetAsync("/federations/access/" + rest, "Bearer wrong")).Is(401);
            (await lab.GetAsync("/federations/nowhere/" + rest, trainer.Authorization("GET", "/federations/nowhere/" + rest))).Is(404);
        }
    }

    [Fact]
    public async Task A_signature_holds_for_one_request_of_one_participant_now()
    {
        var clock = new ShiftedClock();
        await using Lab lab = await Lab.StartAsync(clock: clock);
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("signed", 2);
        Trainer trainer = trainers[0];
        const string path = "/federations/signed/payouts?participant=t1";
        (await lab.GetAsync(path, trainer.Authorization("GET", path))).Is(200);
        (await lab.GetAsync(path, trainer.Authorization("GET", "/federations/signed/payouts"))).Is(401, "forged");
        (await lab.GetAsync(path, trainer.Authorization("PUT", path))).Is(401, "forged");
        (await lab.GetAsync(path, trainer.Authorization("GET", path).Replace("t1:", "t2:"))).Is(401, "forged");
        (await lab.GetAsync(path, trainer.Authorization("GET", path).Replace("t1:", "t3:"))).Is(401);
        (await lab.GetAsync(path, "FedValue t1:now:abc")).Is(401);
        (await lab.GetAsync(path, "FedValue t1:99999999999999999999:abc")).Is(401);
        (await lab.GetAsync(path, "Basic abc")).Is(401);
        string signed = trainer.Authorization("GET", path);
        clock.Shift = TimeSpan.FromSeconds(250);
        (await lab.GetAsync(path, signed)).Is(200);
        clock.Shift = TimeSpan.FromSeconds(310);
        Answer late = (await lab.GetAsync(path, signed)).Is(401, "clock");
        Assert.NotNull(late.Headers.Date);
    }

    [Fact]
    public async Task A_token_that_is_not_the_operators_hears_that_and_nothing_of_what_is()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("x", 0);
        foreach (string path in new[] { "/federations", "/federations/x/balances" })
        {
            string none = (await lab.GetAsync(path)).Is(401, "unauthorized").Text;
            string wrong = (await lab.GetAsync(path, "Bearer some other token")).Is(401, "unauthorized").Text;
            Assert.DoesNotContain("that came is not", none);
            Assert.Contains("The token that came is not the operator's", wrong);
            Assert.DoesNotContain("some other", wrong);
            Assert.DoesNotContain(Lab.OperatorToken, wrong);
        }
    }

    [Fact]
    public async Task Guessing_is_slowed_down()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { FailuresPerMinute = 3 });
        await lab.FederateAsync("guess", 0);
        for (int i = 0; i < 3; i++)
            (await lab.GetAsync("/federations", "Bearer guess")).Is(401);
        Answer waits = (await lab.GetAsync("/federations", "Bearer guess")).Is(429);
        Assert.NotNull(waits.Headers.RetryAfter);
    }

    [Fact]
    public async Task Failures_of_others_at_an_address_keep_out_nobody_who_shows_what_is_right()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { FailuresPerMinute = 3 });
        Trainer trainer = (await lab.FederateAsync("shared", 1))[0];
        for (int i = 0; i < 5; i++)
            (await lab.GetAsync("/federations", "Bearer guess")).Is(i < 3 ? 401 : 429);
        (await lab.GetAsync("/federations/shared/balances", trainer.Authorization("GET", "/federations/shared"))).Is(429);
        (await new Trainer(lab, trainer.Ledger, "t2").EnrolAsync("guess")).Is(429);

        (await lab.OperateAsync(HttpMethod.Get, "/federations")).Is(200);
        (await trainer.GetAsync("balances")).Is(200);
        await lab.EnrolAsync("shared", "t2");
        await lab.OpenRoundAsync("shared");
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.GetAsync("/federations", "Bearer guess")).Is(429);
    }

    [Fact]
    public async Task Models_are_for_participants_and_updates_and_validation_rows_for_the_operator()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("blobs", 2); // the mean of one update would be that update
        Trainer trainer = trainers[0];
        await lab.OpenRoundAsync("blobs");
        (_, Digest model) = await trainer.RoundAsync();
        byte[] update = Trainer.Update(1);
        (await trainer.SubmitAsync(update)).Is(200);
        (await trainers[1].SubmitAsync(Trainer.Update(2))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/blobs/rounds/1/close")).Is(202);
        await lab.WaitAsync("blobs", r => (int)r["roundsPaid"]! == 1);

        Answer whole = (await trainer.GetAsync("models/" + model)).Is(200);
        Assert.Equal(model, Digest.Of(whole.Body));
        Assert.Equal($"\"{model}\"", whole.Headers.ETag!.Tag);
        Answer part = (await trainer.GetAsync("models/" + model, range: "bytes=8-19")).Is(206);
        Assert.Equal(whole.Body[8..20], part.Body);
        (await trainer.GetAsync("models/" + model, range: "bytes=999999-")).Is(416);
        Assert.Empty((await trainer.GetAsync("models/" + model, ifNoneMatch: $"\"{model}\"")).Is(304).Body);
        (await trainer.GetAsync("models/" + Digest.Of(update))).Is(404);
        (await trainer.GetAsync("models/xyz")).Is(400);

        string[] entries = await lab.EntriesAsync("blobs");
        string Named(string type, string member) => System.Text.Json.Nodes.JsonNode.Parse(
            entries.First(entry => entry.Contains($"\"{type}\"")))!.AsObject() is var e && member == "values"
                ? (string)e["valuations"]![0]!["values"]! : (string)e[member]!;
        (await trainer.GetAsync("blobs/" + Named("round-valued", "statistics"))).Is(200);
        Assert.Equal(16, (await trainer.GetAsync("blobs/" + Named("round-valued", "values"))).Is(200).Body.Length);
        (await trainer.GetAsync("blobs/" + Named("federation-created", "manifest"))).Is(200);
        string[] secrets =
            [Digest.Of(update).ToString(), Named("federation-created", "validation"), Named("round-aggregated", "aggregatorState")];
        foreach (string secret in secrets)
        {
            (await trainer.GetAsync("blobs/" + secret)).Is(403);
            (await lab.OperateAsync(HttpMethod.Get, "/federations/blobs/blobs/" + secret)).Is(200);
        }
        (await lab.OperateAsync(HttpMethod.Get, "/federations/blobs/blobs/" + Zeros)).Is(404);
    }
}
