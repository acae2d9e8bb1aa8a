using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Safetensors;
using FedValue.Server.Http;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed class UploadTests
{
    [Fact]
    public async Task Of_two_updates_at_the_same_time_one_wins_and_the_other_is_evidence_on_the_ledger()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("race", 1))[0];
        await lab.OpenRoundAsync("race");
        (int round, Digest model) = await trainer.RoundAsync();
        var signatures = new List<string>();
        async Task<Answer> InsistAsync(byte[] update)
        {
            using HttpRequestMessage signed = trainer.Request(round, model, update);
            string signature = signed.Headers.GetValues("FedValue-Signature").Single();
            lock (signatures)
                signatures.Add(signature);
            Answer answer;
            do
            {
                // The other upload may be running: then this one is told to come back.
                answer = await trainer.SubmitAsync(round, model, update, request =>
                {
                    request.Headers.Remove("FedValue-Signature");
                    request.Headers.Add("FedValue-Signature", signature);
                });
            }
            while (answer.Status == 429);
            return answer;
        }
        Answer[] answers = await Task.WhenAll(Task.Run(() => InsistAsync(Trainer.Update(1))), Task.Run(() => InsistAsync(Trainer.Update(2))));
        Assert.Equal([200, 409], answers.Select(answer => answer.Status).Order());
        Answer refused = answers.Single(answer => answer.Status == 409);
        Assert.Equal(("equivocation", "FedValue-Update"), (refused.Code, refused.Field));
        Assert.Equal(
            new[] { Trainer.Update(1), Trainer.Update(2) }.Select(update => Digest.Of(update).ToString()).Order(),
            new[] { refused.Expected!, refused.Came! }.Order());
        string[] entries = await lab.EntriesAsync("race");
        string evidence = entries[(int)refused.Json!["receipt"]!["index"]!];
        Assert.Contains("\"update-refused\"", evidence);
        Assert.Single(signatures, signature => evidence.Contains(signature));
        Assert.Single(entries, entry => entry.Contains("\"update-accepted\""));
    }

    [Fact]
    public async Task The_same_update_gets_the_same_entry_however_often_it_comes()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("again", 1))[0];
        await lab.OpenRoundAsync("again");
        Answer first = (await trainer.SubmitAsync(Trainer.Update(1))).Is(200), second = (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
        Assert.True((bool)second.Json!["accepted"]!);
        Assert.Equal(first.Text, second.Text); // though it was signed anew: no two signatures are alike

        (int round, Digest model) = await trainer.RoundAsync();
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), Signed(Convert.ToBase64String(new byte[64])))).Is(401, "forged");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/again/rounds/1/close")).Is(202);
        await lab.WaitAsync("again", r => (int)r["roundsPaid"]! == 1);
        Answer late = (await trainer.SubmitAsync(round, model, Trainer.Update(1))).Is(200);
        Assert.Equal((int)first.Json!["receipt"]!["index"]!, (int)late.Json!["receipt"]!["index"]!);
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), Signed(Convert.ToBase64String(new byte[64])))).Is(401, "forged");
        (await trainer.SubmitAsync(round, model, Trainer.Update(2))).Is(409, "no-round");
    }

    [Fact]
    public async Task An_update_holds_for_one_round_of_one_federation_and_one_key()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("mine", 2);
        Trainer trainer = trainers[0], elsewhere = (await lab.FederateAsync("theirs", 1))[0];
        byte[] update = Trainer.Update(1);
        await lab.OpenRoundAsync("mine");
        (int round, Digest model) = await trainer.RoundAsync();
        Answer wrong = (await trainer.SubmitAsync(2, model, update)).Is(409, "wrong-round");
        Assert.Equal(("round", "1", "2"), (wrong.Field, wrong.Expected, wrong.Came));
        Answer none = (await elsewhere.SubmitAsync(1, model, update)).Is(409, "no-round");
        Assert.Equal(("round", "a round that is open", "1"), (none.Field, none.Expected, none.Came));
        Answer close = (await lab.OperateAsync(HttpMethod.Post, "/federations/mine/rounds/7/close")).Is(409, "wrong-round");
        Assert.Equal(("round", "1", "7"), (close.Field, close.Expected, close.Came));
        (await trainer.SubmitAsync(round, Digest.Of("another model"u8), update)).Is(401, "forged");

        // Signed for the other federation, by a key that is enrolled here under the same name.
        var foreign = new Trainer(lab, elsewhere.Ledger, trainer.Id) { Key = trainer.Key };
        string signature = foreign.Request(round, model, update).Headers.GetValues("FedValue-Signature").Single();
        (await trainer.SubmitAsync(round, model, update, Signed(signature))).Is(401, "forged");
        // Signed by another participant's key.
        (await new Trainer(lab, trainer.Ledger, trainer.Id) { Key = trainers[1].Key }.SubmitAsync(round, model, update)).Is(401, "forged");
        (await trainer.SubmitAsync(round, model, update, request => request.Headers.Remove("FedValue-Signature"))).Is(401, "unsigned");
        Answer stranger = (await new Trainer(lab, trainer.Ledger, "stranger").SubmitAsync(round, model, update)).Is(404);
        Assert.Equal(("participant", "an enrolled participant", "stranger"), (stranger.Field, stranger.Expected, stranger.Came));
        Assert.Equal(4, (await lab.EntriesAsync("mine")).Length); // nothing of this is on the ledger

        string replayed = trainer.Request(round, model, update).Headers.GetValues("FedValue-Signature").Single();
        (await trainer.SubmitAsync(round, model, update, Signed(replayed))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/mine/rounds/1/close")).Is(202);
        await lab.WaitAsync("mine", r => (int)r["roundsPaid"]! == 1);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/mine/rounds", """{"cohort":["t1"]}""")).Is(201);
        (await trainer.SubmitAsync(2, model, update, Signed(replayed))).Is(401, "forged");
        (_, Digest next) = await trainer.RoundAsync();
        (await trainers[1].SubmitAsync(2, next, update)).Is(403, "not-invited");
    }

    [Fact]
    public async Task Without_the_key_of_a_participant_nothing_is_done_in_its_name_and_failures_are_counted()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { FailuresPerMinute = 4 });
        Trainer trainer = (await lab.FederateAsync("alone", 1))[0];
        await lab.OpenRoundAsync("alone");
        (int round, Digest model) = await trainer.RoundAsync();
        (await lab.OperateAsync(HttpMethod.Post, "/federations/alone/rounds/1/abandon", """{"reason":"Not yet."}""")).Is(200);
        (await trainer.SubmitAsync(round, model, Trainer.Update(1))).Is(409, "no-round"); // its own, too late
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), Signed(Nobodys))).Is(401, "forged"); // of a round that has ended
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), r => r.Headers.Remove("FedValue-Signature"))).Is(401, "unsigned");
        await lab.OpenRoundAsync("alone");
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), Signed(Nobodys))).Is(401, "forged");
        (await trainer.SubmitAsync(2, model, Trainer.Update(1), Signed(Nobodys))).Is(401, "forged");
        (await trainer.SubmitAsync(round, model, Trainer.Update(1), Signed(Nobodys))).Is(429, "busy");
        (await trainer.SubmitAsync(3, model, Trainer.Update(1), Signed(Nobodys))).Is(409, "wrong-round"); // which nobody could have signed for
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
    }

    static string Nobodys => Convert.ToBase64String(new byte[64]);

    [Fact]
    public async Task A_loss_of_minus_zero_is_a_loss_of_zero()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("zero", 1))[0];
        await lab.OpenRoundAsync("zero");
        (int round, Digest model) = await trainer.RoundAsync();
        Task<Answer> SendAsync(double loss) => trainer.SubmitAsync(round, model, Trainer.Update(1), request =>
        {
            byte[] statement = Statements.Update(
                trainer.Ledger, round, model, trainer.Id, Digest.Of(Trainer.Update(1)), Trainer.Examples, new DoubleBits(loss));
            request.Headers.Add("FedValue-Loss", new DoubleBits(loss).ToString());
            Signed(Convert.ToBase64String(ParticipantKey.Sign(trainer.Key, statement)))(request);
        });
        Answer first = (await SendAsync(-0.0)).Is(200);
        Assert.Equal(first.Text, (await SendAsync(0.0)).Is(200).Text);
        (await SendAsync(double.Epsilon)).Is(409, "equivocation");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/zero/rounds/1/close")).Is(202);
        await lab.WaitAsync("zero", r => (int)r["roundsPaid"]! == 1);
        Assert.Equal((int)first.Json!["receipt"]!["index"]!, (int)(await SendAsync(0.0)).Is(200).Json!["receipt"]!["index"]!);
    }

    static Action<HttpRequestMessage> Signed(string signature) => request =>
    {
        request.Headers.Remove("FedValue-Signature");
        request.Headers.Add("FedValue-Signature", signature);
    };

    [Fact]
    public async Task Finite_weights_without_a_finite_loss_are_refused_and_the_round_goes_on()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("huge", 2);
        await lab.OpenRoundAsync("huge");
        byte[] huge = Protocol.Models.ModelFile.Write(
            Lab.Network.Manifest, [.. Enumerable.Range(0, Lab.Network.WeightCount).Select(i => i % 2 == 0 ? float.MaxValue : float.MinValue)]);
        (await trainers[0].SubmitAsync(huge)).Is(422, "not-measurable");
        (await trainers[1].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/huge/rounds/1/close")).Is(202);
        await lab.WaitAsync("huge", r => (int)r["roundsPaid"]! == 1);
    }

    [Theory]
    [InlineData("-5", 422, "examples")]
    [InlineData("0", 422, "examples")]
    [InlineData("101", 422, "examples")]
    [InlineData("1000000000000000000", 422, "examples")]
    [InlineData("1e18", 400, "malformed")]
    [InlineData("1.5", 400, "malformed")]
    [InlineData("+5", 400, "malformed")]
    [InlineData("007", 400, "malformed")]
    [InlineData("99999999999999999999", 400, "malformed")]
    public async Task A_number_of_examples_that_cannot_be_is_refused(string examples, int status, string code)
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("count", 1))[0];
        await lab.OpenRoundAsync("count");
        (int round, Digest model) = await trainer.RoundAsync();
        Answer answer = (await trainer.SendAsync(trainer.Request(round, model, Trainer.Update(1), examples: examples))).Is(status, code);
        Assert.Equal(status == 422, answer.Json!["receipt"] is not null);
        Assert.Equal("FedValue-Examples", answer.Field);
        Assert.Equal(examples, answer.Came);
        Assert.Equal(status == 400 ? "a whole number such as 240" : "1 to 100", answer.Expected);
    }

    [Fact]
    public async Task What_the_body_decides_is_refused_with_its_reason_and_left_on_the_ledger()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("body", 1, ""","normLimit":50"""))[0];
        await lab.OpenRoundAsync("body");
        byte[] notFinite = Trainer.Update(1);
        BitConverter.TryWriteBytes(notFinite.AsSpan(notFinite.Length - 4), float.NaN);
        byte[] broadcast = SafetensorsWriter.Write(
            [Tensor.OfSingles("layer1.weight", [2, 3], [1, 2, 3, 4, 5, 6]), Tensor.OfSingles("layer1.bias", [1], [1])]);
        byte[] oneTensor = SafetensorsWriter.Write([Tensor.OfSingles("layer1.weight", [2, 3], [1, 2, 3, 4, 5, 6])]);
        (byte[], string, string Field, string Expected, string Came)[] cases =
        [
            (notFinite, "not-finite", "layer1.bias", "finite numbers", "NaN"), (broadcast, "mismatch", "layer1.bias", "F32 [2]", "F32 [1]"),
            ("{}"u8.ToArray(), "malformed", "body", "safetensors", "HeaderTooSmall"), (Trainer.Update(1e30f), "norm", "body", "at most 50", "E+29"),
            (oneTensor, "mismatch", "layer1.bias", "F32 [2]", "no tensor"),
        ];
        foreach ((byte[] update, string code, string field, string expected, string came) in cases)
        {
            Answer answer = (await trainer.SubmitAsync(update)).Is(422, code);
            Assert.Equal((field, expected), (answer.Field, answer.Expected));
            Assert.EndsWith(came, answer.Came ?? "", StringComparison.Ordinal);
            string entry = (await lab.EntriesAsync("body"))[(int)answer.Json!["receipt"]!["index"]!];
            Assert.Contains($"\"reason\":\"{code}\"", entry);
            Assert.Contains("\"signature\"", entry);
        }
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);
    }

    [Fact]
    public async Task What_the_headers_say_wrongly_is_refused_and_leaves_nothing()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("heads", 1))[0];
        await lab.OpenRoundAsync("heads");
        (int round, Digest model) = await trainer.RoundAsync();
        byte[] update = Trainer.Update(1);
        Task<Answer> SpoilAsync(Action<HttpRequestMessage> spoil) => trainer.SubmitAsync(round, model, update, spoil);
        static void Set(HttpRequestMessage request, string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        (await SpoilAsync(r => r.Content!.Headers.ContentEncoding.Add("gzip"))).Is(415, "encoded");
        (await SpoilAsync(r => r.Headers.TransferEncodingChunked = true)).Is(411, "length");
        (await SpoilAsync(r => r.Headers.Remove("FedValue-Update"))).Is(400);
        Assert.Equal("FedValue-Update", (await SpoilAsync(r => Set(r, "FedValue-Update", "ABC"))).Is(400).Field);
        Assert.Equal("FedValue-Loss", (await SpoilAsync(r => Set(r, "FedValue-Loss", "0.5"))).Is(400).Field);
        (await SpoilAsync(r => r.Headers.TryAddWithoutValidation("FedValue-Examples", "7"))).Is(400);
        Assert.Equal("FedValue-Signature", (await SpoilAsync(r => Set(r, "FedValue-Signature", "short"))).Is(401, "forged").Field);
        // The digest that was signed is not that of the body.
        Answer digest = (await trainer.SendAsync(With(trainer.Request(round, model, Trainer.Update(2)), update))).Is(422, "digest");
        Assert.Equal(
            ("FedValue-Update", Digest.Of(Trainer.Update(2)).ToString(), Digest.Of(update).ToString()),
            (digest.Field, digest.Expected, digest.Came));
        Assert.Equal(3, (await lab.EntriesAsync("heads")).Length);

        static HttpRequestMessage With(HttpRequestMessage request, byte[] body)
        {
            request.Content = new ByteArrayContent(body);
            return request;
        }
    }

    [Fact]
    public async Task What_the_headers_decide_is_decided_before_the_body_is_sent()
    {
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("unread", 1))[0];
        await lab.OpenRoundAsync("unread");
        (int round, Digest model) = await trainer.RoundAsync();
        (await trainer.SubmitAsync(Trainer.Update(1))).Is(200);

        string equivocation = await AnswerToHeadersAsync(lab, trainer.Request(round, model, Trainer.Update(2)), Trainer.Update(2).Length);
        Assert.StartsWith("HTTP/1.1 409", equivocation); // not 100 Continue
        string oversize = await AnswerToHeadersAsync(lab, trainer.Request(round, model, Trainer.Update(2)), 100_000_000);
        Assert.StartsWith("HTTP/1.1 413", oversize);
        string nobody = await AnswerToHeadersAsync(
            lab, new Trainer(lab, trainer.Ledger, "nobody").Request(round, model, Trainer.Update(2)), 160);
        Assert.StartsWith("HTTP/1.1 404", nobody);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up_and_leaves_nothing()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { BodyDeadlineSeconds = 0.4 });
        Trainer trainer = (await lab.FederateAsync("slow", 1))[0];
        await lab.OpenRoundAsync("slow");
        (int round, Digest model) = await trainer.RoundAsync();
        byte[] update = Trainer.Update(1);
        long began = Stopwatch.GetTimestamp();
        string answer = await AnswerToHeadersAsync(lab, trainer.Request(round, model, update), update.Length, update.AsMemory(0, 50), expect: false);
        Assert.StartsWith("HTTP/1.1 408", answer);
        Assert.Contains("too-slow", answer);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.3, 10);
        Assert.Equal(3, (await lab.EntriesAsync("slow")).Length);
        (await trainer.SubmitAsync(update)).Is(200);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { MinimumBodyRate = 1e6, BodyGraceSeconds = 1.1 });
        Trainer trainer = (await lab.FederateAsync("drip", 1))[0];
        await lab.OpenRoundAsync("drip");
        (int round, Digest model) = await trainer.RoundAsync();
        byte[] update = Trainer.Update(1);
        string answer = await AnswerToHeadersAsync(lab, trainer.Request(round, model, update), update.Length, update.AsMemory(0, 50), expect: false);
        Assert.StartsWith("HTTP/1.1 408", answer);
    }

    [Fact]
    public async Task Uploads_at_a_time_are_bounded_for_each_and_for_all()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { ConcurrentUploads = 1, BodyDeadlineSeconds = 20 });
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("gate", 2);
        await lab.OpenRoundAsync("gate");
        (int round, Digest model) = await trainers[0].RoundAsync();
        byte[] update = Trainer.Update(1);
        using (TcpClient hanging = await ConnectAsync(lab, trainers[0].Request(round, model, update), update.Length, default, expect: true))
        {
            // The server says to go on when it begins to read the body: from then on this upload is one.
            var said = new byte[25];
            await hanging.GetStream().ReadExactlyAsync(said);
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(said));
            await hanging.GetStream().WriteAsync(update.AsMemory(0, 50));
            Answer own = await UntilAsync(() => trainers[0].SubmitAsync(round, model, Trainer.Update(2)), 429);
            Assert.NotNull(own.Headers.RetryAfter);
            Answer other = (await trainers[1].SubmitAsync(round, model, update)).Is(503, "busy");
            Assert.NotNull(other.Headers.RetryAfter);
            // Whoever has no key never comes as far as that: it takes no place, whether one is free or not.
            (await trainers[0].SubmitAsync(round, model, Trainer.Update(2), Signed(Nobodys))).Is(401, "forged");
            (await new Trainer(lab, trainers[0].Ledger, "stranger").SubmitAsync(round, model, update)).Is(404);
        }
        await UntilAsync(() => trainers[1].SubmitAsync(round, model, update), 200);
        Assert.Equal(5, (await lab.EntriesAsync("gate")).Length); // of the upload that broke off nothing is there
    }

    [Fact]
    public async Task Who_is_refused_too_often_has_to_wait()
    {
        await using Lab lab = await Lab.StartAsync(new ServerLimits { FailuresPerMinute = 3 });
        Trainer trainer = (await lab.FederateAsync("flood", 1))[0];
        await lab.OpenRoundAsync("flood");
        (int round, Digest model) = await trainer.RoundAsync();
        for (int i = 0; i < 3; i++)
            (await trainer.SendAsync(trainer.Request(round, model, Trainer.Update(1), examples: "0"))).Is(422);
        Answer waits = (await trainer.SubmitAsync(round, model, Trainer.Update(1))).Is(429, "busy");
        Assert.True(waits.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        (await trainer.GetAsync("balances")).Is(200);
    }

    static async Task<Answer> UntilAsync(Func<Task<Answer>> ask, int status)
    {
        Answer answer = await ask();
        for (int attempt = 0; answer.Status != status && attempt < 100; attempt++)
        {
            await Task.Delay(20);
            answer = await ask();
        }
        return answer.Is(status);
    }

    /// <summary>Sends headers and perhaps the beginning of a body, and gives what comes back until the connection is silent or ends.</summary>
    static async Task<string> AnswerToHeadersAsync(
        Lab lab, HttpRequestMessage request, int length, ReadOnlyMemory<byte> body = default, bool expect = true)
    {
        using TcpClient client = await ConnectAsync(lab, request, length, body, expect);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var silence = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        do
        {
            int read = await client.GetStream().ReadAsync(buffer, silence.Token);
            if (read == 0)
                break;
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        while (!answer.ToString().Contains("\r\n\r\n"));
        return answer.ToString();
    }

    static async Task<TcpClient> ConnectAsync(Lab lab, HttpRequestMessage request, int length, ReadOnlyMemory<byte> body, bool expect)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", lab.Http.BaseAddress!.Port);
        var text = new StringBuilder($"{request.Method} {request.RequestUri} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n");
        foreach ((string name, IEnumerable<string> values) in request.Headers)
            text.Append($"{name}: {values.Single()}\r\n");
        text.Append(expect ? "Expect: 100-continue\r\n\r\n" : "\r\n");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text.ToString()));
        await client.GetStream().WriteAsync(body);
        return client;
    }
}
