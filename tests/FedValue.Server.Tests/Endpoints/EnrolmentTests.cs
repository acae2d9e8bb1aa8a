using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedValue.Ledger.Signing;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed class EnrolmentTests
{
    [Fact]
    public async Task A_token_lets_one_participant_enrol_once_and_a_repetition_gets_the_same_receipt()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("once", 0);
        await lab.FederateAsync("other", 0);
        string token = await lab.TokenAsync("once", "a");
        var a = new Trainer(lab, await lab.LedgerOfAsync("once"), "a");
        var b = new Trainer(lab, a.Ledger, "b");
        (await b.EnrolAsync(token)).Is(401, "token");
        (await b.EnrolAsync("nonsense")).Is(401, "token");
        (await new Trainer(lab, await lab.LedgerOfAsync("other"), "a").EnrolAsync(token)).Is(401, "token");
        (await a.EnrolAsync("9" + token)).Is(401, "token");

        JsonNode receipt = (await a.EnrolAsync(token)).Is(201).Json!;
        await lab.EnrolAsync("once", "c");
        JsonNode again = (await a.EnrolAsync(token)).Is(201).Json!;
        Assert.Equal((int)receipt["index"]!, (int)again["index"]!);
        Assert.Equal((string)receipt["leafHash"]!, (string)again["leafHash"]!);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await a.EnrolAsync(token, ParticipantKey.Text(thief))).Is(409, "exists");
        (await a.EnrolAsync(token, examples: "101")).Is(409, "exists");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/once/tokens", """{"participant":"a"}""")).Is(409, "exists");
        Assert.Equal(3, (await lab.EntriesAsync("once")).Length);
    }

    [Fact]
    public async Task A_token_expires()
    {
        var clock = new ShiftedClock();
        await using Lab lab = await Lab.StartAsync(clock: clock);
        await lab.FederateAsync("late", 0);
        string token = await lab.TokenAsync("late", "a");
        clock.Shift = TimeSpan.FromHours(73);
        (await new Trainer(lab, await lab.LedgerOfAsync("late"), "a").EnrolAsync(token)).Is(401, "token");
    }

    [Theory]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":0}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":-5}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":1.5}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":1e18}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":"7"}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY"}""", "declaredExamples")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"bm8=","declaredExamples":1}""", "publicKey")]
    [InlineData("""{"participant":"a/b","token":"x","publicKey":"KEY","declaredExamples":1}""", "participant")]
    [InlineData("""{"participant":"unallocated","token":"x","publicKey":"KEY","declaredExamples":1}""", "participant")]
    [InlineData("""{"participant":"a","participant":"b","token":"x","publicKey":"KEY","declaredExamples":1}""", "participant")]
    [InlineData("""{"participant":"a","token":"x","publicKey":"KEY","declaredExamples":1,"admin":true}""", "admin")]
    [InlineData("""{"participant":"\ud800","token":"x","publicKey":"KEY","declaredExamples":1}""", "participant")]
    public async Task What_an_enrolment_says_wrongly_is_named(string json, string field)
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("strict", 0);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        HttpContent body = Lab.Json(json.Replace("KEY", ParticipantKey.Text(key)));
        Assert.Equal(field, (await lab.SendAsync(HttpMethod.Post, "/federations/strict/participants", body)).Is(400).Field);
    }

    [Fact]
    public async Task A_key_signs_for_the_one_that_replaces_it()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("rotate", 1))[0];
        ECDsa old = trainer.Key;
        var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string key = ParticipantKey.Text(next);
        Task<Answer> ReplaceAsync(ECDsa signer)
        {
            string signature = Convert.ToBase64String(ParticipantKey.Sign(signer, Statements.Key(trainer.Ledger, "t1", key)));
            return PutAsync("t1", $$"""{"publicKey":"{{key}}","signature":"{{signature}}"}""");
        }
        Task<Answer> PutAsync(string id, string json) =>
            lab.SendAsync(HttpMethod.Put, $"/federations/rotate/participants/{id}/key", Lab.Json(json));
        (await ReplaceAsync(next)).Is(401, "forged");
        (await ReplaceAsync(old)).Is(200);
        (await ReplaceAsync(old)).Is(409, "exists");
        (await trainer.GetAsync("balances")).Is(401, "forged");
        trainer.Key = next;
        (await trainer.GetAsync("balances")).Is(200);
        await lab.OpenRoundAsync("rotate");
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
        (await PutAsync("t1", $$"""{"publicKey":"{{key}}"}""")).Is(400);
        (await PutAsync("t9", $$"""{"publicKey":"{{key}}","token":"x"}""")).Is(404);
    }

    [Fact]
    public async Task A_revoked_key_is_replaced_by_a_token_that_no_earlier_one_stands_in_for()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("revoke", 0);
        string first = await lab.TokenAsync("revoke", "a");
        var trainer = new Trainer(lab, await lab.LedgerOfAsync("revoke"), "a");
        (await trainer.EnrolAsync(first)).Is(201);
        await lab.OpenRoundAsync("revoke");
        (int round, Ledger.Digest model) = await trainer.RoundAsync();
        (await lab.SendAsync(HttpMethod.Delete, "/federations/revoke/participants/a/key")).Is(401);
        foreach (string reason in new[] { "Two%0Alines.", "%00", "%1B[2J", "%7F", "%20", new string('x', 501) })
        {
            Answer unreadable = await lab.OperateAsync(HttpMethod.Delete, "/federations/revoke/participants/a/key?reason=" + reason);
            Assert.Equal("reason", unreadable.Is(400, "malformed").Field);
        }
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/revoke/participants/a/key?reason=The%20laptop%20was%20stolen.")).Is(200);
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/revoke/participants/a/key")).Is(409, "revoked");
        (await trainer.GetAsync("balances")).Is(403, "revoked");
        (await trainer.SubmitAsync(round, model, Trainer.Update(1))).Is(403, "revoked");

        trainer.Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Task<Answer> ReplaceAsync(string token) => lab.SendAsync(HttpMethod.Put, "/federations/revoke/participants/a/key",
            Lab.Json($$"""{"publicKey":"{{trainer.PublicKey}}","token":"{{token}}"}"""));
        (await ReplaceAsync(first)).Is(401, "token");
        string second = await lab.TokenAsync("revoke", "a");
        (await ReplaceAsync(second)).Is(200);
        (await trainer.SubmitAsync(round, model, Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/revoke/participants/a/key")).Is(200);
        trainer.Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await ReplaceAsync(second)).Is(401, "token");
        Assert.Contains(await lab.EntriesAsync("revoke"), entry => entry.Contains("The laptop was stolen."));
    }

    [Fact]
    public async Task A_scheduled_federation_takes_no_more_participants_than_its_methods_can_value()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("full", 20, ""","schedule":{"rounds":1,"participants":2}""");
        Assert.Equal(20, trainers.Count);
        var late = new Trainer(lab, trainers[0].Ledger, "late");
        (await late.EnrolAsync(await lab.TokenAsync("full", "late"))).Is(409, "full");
    }

    [Fact]
    public async Task A_revoked_participant_comes_back_only_while_a_round_has_room_for_it()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("back", 20, ""","schedule":{"rounds":1,"participants":20}""");
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/back/participants/t1/key")).Is(200);
        await lab.EnrolAsync("back", "late");
        trainers[0].Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string token = await lab.TokenAsync("back", "t1");
        Task<Answer> ReturnAsync() => lab.SendAsync(HttpMethod.Put, "/federations/back/participants/t1/key",
            Lab.Json($$"""{"publicKey":"{{trainers[0].PublicKey}}","token":"{{token}}"}"""));
        (await ReturnAsync()).Is(409, "full");
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/back/participants/late/key")).Is(200);
        (await ReturnAsync()).Is(200);
    }

    [Fact]
    public async Task Of_many_who_enrol_at_once_only_as_many_come_in_as_a_round_has_room_for()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("rush", 18, ""","schedule":{"rounds":1,"participants":20}""");
        var late = new List<(Trainer Trainer, string Token)>();
        foreach (int k in Enumerable.Range(0, 12))
            late.Add((new Trainer(lab, trainers[0].Ledger, $"late{k}"), await lab.TokenAsync("rush", $"late{k}")));
        Answer[] answers = await Task.WhenAll(late.Select(one => one.Trainer.EnrolAsync(one.Token)));
        Assert.Equal(2, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.Is(409, "full"));
    }

    [Fact]
    public async Task A_key_is_enrolled_once_and_for_one_participant()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("keys", 0);
        string first = await lab.TokenAsync("keys", "a");
        var a = new Trainer(lab, await lab.LedgerOfAsync("keys"), "a");
        (await a.EnrolAsync(first)).Is(201);
        var b = new Trainer(lab, a.Ledger, "b");
        string token = await lab.TokenAsync("keys", "b");
        Answer taken = (await b.EnrolAsync(token, a.PublicKey)).Is(409, "conflict");
        Assert.Equal(("publicKey", "a key that was never enrolled here"), (taken.Field, taken.Expected));
        Assert.StartsWith(taken.Came!.TrimEnd('.'), a.PublicKey, StringComparison.Ordinal);
        (await a.EnrolAsync(first)).Is(201); // the same again gets its receipt again
        (await b.EnrolAsync(token)).Is(201);
        Task<Answer> PutAsync(string key, string proof) =>
            lab.SendAsync(HttpMethod.Put, "/federations/keys/participants/a/key", Lab.Json($$"""{"publicKey":"{{key}}",{{proof}}}"""));
        string Signed(string key) =>
            $"\"signature\":\"{Convert.ToBase64String(ParticipantKey.Sign(a.Key, Statements.Key(a.Ledger, "a", key)))}\"";
        Assert.Equal("publicKey", (await PutAsync(b.PublicKey, Signed(b.PublicKey))).Is(409, "conflict").Field);
        string replaced = a.PublicKey;
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await PutAsync(ParticipantKey.Text(next), Signed(ParticipantKey.Text(next)))).Is(200);
        a.Key = next;
        (await PutAsync(replaced, Signed(replaced))).Is(409, "conflict");
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/keys/participants/a/key")).Is(200);
        string again = await lab.TokenAsync("keys", "a");
        (await PutAsync(a.PublicKey, $"\"token\":\"{again}\"")).Is(409, "conflict"); // revoked
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await PutAsync(ParticipantKey.Text(fresh), $"\"token\":\"{again}\"")).Is(200);
    }
}
