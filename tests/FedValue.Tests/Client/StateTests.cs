using System.Net;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Contracts;
using FedValue.Tests.Support;

namespace FedValue.Tests.Client;

/// <summary>What a client keeps in a file, and what it does with it after a crash.</summary>
public sealed class StateTests : IDisposable
{
    readonly TinyRun _run = new();
    readonly TemporaryFolder _folder = new();

    string StateFile => _folder["a.state"];

    ClientOptions Kept => FakeServer.Patient(new ImpatientClock(FakeServer.Now)) with { StateFile = StateFile };

    [Fact]
    public async Task Receipts_outlive_the_process_and_a_torn_line()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        await _run.RunAllAsync(a, b);
        IReadOnlyList<KeptReceipt> kept = a.State.Receipts;
        Assert.Equal(3, kept.Count); // its enrolment and two updates
        Assert.All(kept, receipt => Assert.NotNull(receipt.Entry));
        File.AppendAllText(StateFile, """{"receipt":{"ind""");

        FedValueClient again = _run.Client("a", Kept);
        Assert.Equivalent(kept, again.State.Receipts, strict: true);
        Assert.Equal((a.State.Head, 100), (again.State.Head, again.State.Declared));
        Assert.EndsWith("\n", File.ReadAllText(StateFile));
        Assert.Equal(3, await again.VerifyReceiptsAsync());
        await again.HeadAsync(); // what is written behind the torn line can be read
        Assert.Equal(3, _run.Client("a", Kept).State.Receipts.Count);
    }

    [Fact]
    public async Task Lines_are_those_of_the_Python_client()
    {
        (FedValueClient a, _) = await EnrolledAsync();
        Receipt receipt = await TinyRun.SubmitAsync(a, "a");
        string ledger = (await a.FederationAsync()).Name.FirstEntry.ToString();
        string[] lines = File.ReadAllLines(StateFile);
        Assert.Equal($$$"""{"owner":{"federation":"tiny","ledger":"{{{ledger}}}","participant":"a"}}""", lines[0]);
        Assert.Contains("""{"declared":100}""", lines);
        Assert.Contains(lines, line => line == $$$"""{"head":{"size":{{{receipt.Head.Size}}},"root":"{{{receipt.Head.Root}}}"}}""");
        string proof = string.Join("\",\"", receipt.Proof), start = $$"""
            {"receipt":{"index":{{receipt.Index}},"leafHash":"{{receipt.LeafHash}}","size":{{receipt.Head.Size}},"root":"{{receipt.Head.Root}}",
            """.TrimEnd() + $"\"proof\":[\"{proof}\"]";
        // At once, before anything else can go wrong, and with what was sent.
        Assert.Contains(start + $",\"round\":1,\"update\":\"{await TinyRun.Update("a", 1).DigestAsync()}\"}}}}", lines);
        Assert.Contains(lines, line => line.StartsWith(start + ",\"entry\":\"{\\\"type\\\":\\\"update-accepted\\\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_belongs_to_one_ledger_and_one_participant()
    {
        (FedValueClient a, _) = await EnrolledAsync();
        a.Dispose();
        using var elsewhere = new TinyRun(FedValue.Contracts.Hosting.TinyFederation.Creation(policy: "equal"));
        FedValueClient other = elsewhere.Client("a", Kept);
        Assert.Contains("for the ledger", (await Assert.ThrowsAsync<TamperingException>(() => other.FederationAsync())).Message);
        other.Dispose();
        Assert.Contains(
            "for the participant 'a'", (await Assert.ThrowsAsync<TamperingException>(() => _run.Client("b", Kept).FederationAsync())).Message);
        await _run.Client("a", Kept).FederationAsync();
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"receipt":{"index":1}}""")]
    [InlineData("""{"receipt":{"index":1,"leafHash":"00","size":2,"root":"00","proof":[]}}""")]
    [InlineData("""{"head":{"size":"one","root":"00"}}""")]
    [InlineData("""{"declared":null}""")]
    [InlineData("""{"surprise":1}""")]
    [InlineData("""[]""")]
    [InlineData("""{}""")]
    [InlineData("""null""")]
    [InlineData("""{"head":1,"head":2}""")]
    [InlineData("""{"head":null,"declared":2}""")]
    [InlineData("""{"declared":1,"declared":2}""")]
    [InlineData("""{"searched":-1}""")]
    [InlineData("""{"head":{"size":-1,"root":"ROOT"}}""")]
    [InlineData("""{"receipt":{"index":-5,"leafHash":"ROOT","size":1,"root":"ROOT","proof":[]}}""")]
    [InlineData("""{"receipt":{"index":1,"leafHash":"ROOT","size":1,"root":"ROOT","proof":[]}}""")]
    [InlineData("""{"receipt":{"index":0,"leafHash":"ROOT","size":1,"root":"ROOT","proof":[],"entry":"garbage"}}""")]
    [InlineData("""{"receipt":{"index":0,"leafHash":"ROOT","size":1,"root":"ROOT","proof":[],"entry":7}}""")]
    [InlineData("""{"receipt":{"index":0,"leafHash":"ROOT","size":1,"root":"ROOT","proof":[],"round":"x","update":"ROOT"}}""")]
    public void A_line_that_nobody_wrote_is_named(string line)
    {
        File.WriteAllText(StateFile, "{\"declared\":5}\n" + line.Replace("ROOT", new string('0', 64), StringComparison.Ordinal) + "\n");
        Assert.StartsWith("Line 2 of the state in", Assert.Throws<FormatException>(() => _run.Client("a", Kept)).Message);
    }

    [Fact]
    public async Task A_ledger_that_forks_behind_a_receipt_is_found_by_the_last_head_also_after_a_restart()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        Receipt receipt = await TinyRun.SubmitAsync(a, "a");
        await TinyRun.SubmitAsync(b, "b");
        await a.HeadAsync();
        _run.Server.Rewrite = (index, happened) => // the receipt and everything before it stay as they are
            index > receipt.Index && happened is UpdateAccepted accepted ? accepted with { At = accepted.At + 1 } : happened;
        for (int k = 0; k < 2; k++)
        {
            FedValueClient client = k == 0 ? a : _run.Client("a", Kept);
            Assert.Contains("does not begin with", (await Assert.ThrowsAsync<TamperingException>(() => client.VerifyReceiptAsync(receipt))).Message);
            Assert.Contains("does not begin with", (await Assert.ThrowsAsync<TamperingException>(() => client.HeadAsync())).Message);
        }
    }

    [Fact]
    public async Task A_ledger_of_another_first_entry_is_found_without_any_earlier_head()
    {
        FedValueClient a = _run.Client("a");
        await a.FederationAsync();
        _run.Server.Rewrite = (_, happened) => happened is FederationCreated created ? created with { At = created.At + 1 } : happened;
        Assert.Contains("does not begin with", (await Assert.ThrowsAsync<TamperingException>(() => a.EnrolAsync("token of a", 1).ContinueWith(
            async _ => await a.HeadAsync()).Unwrap())).Message);
    }

    [Fact]
    public async Task An_update_that_the_ledger_lost_is_shown_instead_of_trained_again()
    {
        (FedValueClient a, _) = await EnrolledAsync();
        await TinyRun.SubmitAsync(a, "a");
        _run.Server.Forgotten = 1;
        _run.Server.After = async (request, answer) => !request.RequestUri!.AbsolutePath.EndsWith("/current", StringComparison.Ordinal) ? answer
            : FakeServer.Json(System.Text.Json.JsonSerializer.Deserialize<RoundAnnouncement>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)! with { Submitted = [] });
        await Assert.ThrowsAsync<TamperingException>(() => _run.Client("a", Kept).RunAsync(_run.Trainer("a")));
        Assert.Empty(_run.Trained["a"]);
    }

    [Fact]
    public async Task Another_update_is_not_sent_for_a_round_that_has_one_even_if_the_announcement_forgot_it()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        await TinyRun.SubmitAsync(a, "a");
        bool isForgetful = true;
        _run.Server.After = async (request, answer) =>
        {
            bool isOurs = request.Headers.Authorization?.Parameter?.StartsWith("a:", StringComparison.Ordinal) == true;
            if (!isForgetful || !isOurs || !request.RequestUri!.AbsolutePath.EndsWith("/current", StringComparison.Ordinal))
                return answer;
            isForgetful = false;
            return FakeServer.Json(System.Text.Json.JsonSerializer.Deserialize<RoundAnnouncement>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)! with { Submitted = [] });
        };
        await _run.RunAllAsync(_run.Client("a", Kept), b);
        Assert.False(isForgetful);
        Assert.Equal([2], _run.Trained["a"]);
        Assert.Empty(await _run.Server.EventsOfAsync<UpdateRefused>());
    }

    [Fact]
    public async Task Whoever_was_killed_before_the_answer_came_gets_the_receipt_and_does_not_train_again()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        using var killed = new CancellationTokenSource();
        _run.Server.After = (request, answer) =>
        {
            if (request.Method == HttpMethod.Put)
                killed.Cancel();
            killed.Token.ThrowIfCancellationRequested();
            return Task.FromResult(answer);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => a.RunAsync(_run.Trainer("a"), cancellation: killed.Token));
        _run.Server.After = (_, answer) => Task.FromResult(answer);
        Assert.Single(a.State.Receipts); // of the enrolment only

        FedValueClient again = _run.Client("a", Kept);
        await _run.RunAllAsync(again, b);
        Assert.Equal([1, 2], _run.Trained["a"]);
        Assert.Equal([1, 2], again.State.Receipts.Select(kept => EventJson.Parse(System.Text.Encoding.UTF8.GetBytes(kept.Entry!)))
            .OfType<UpdateAccepted>().Select(update => update.Round));
        Assert.Empty(await _run.Server.EventsOfAsync<UpdateRefused>());
        Assert.Equal(3, await again.VerifyReceiptsAsync());
    }

    [Fact]
    public async Task A_receipt_whose_entry_was_not_fetched_yet_is_enough_to_send_no_second_update()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        await TinyRun.SubmitAsync(a, "a");
        a.Dispose();
        string[] lines = File.ReadAllLines(StateFile);
        File.WriteAllLines(StateFile, lines[..(Array.FindIndex(lines, line => line.Contains("\"round\":1,", StringComparison.Ordinal)) + 1)]);
        FedValueClient again = _run.Client("a", Kept);
        Assert.Null(again.State.Receipts[^1].Entry);
        Assert.Equal(await TinyRun.Update("a", 1).DigestAsync(), again.State.OfRound(1, "a")?.Update);

        await again.RecoverAsync(default);
        Assert.All(again.State.Receipts, kept => Assert.NotNull(kept.Entry));
        await _run.RunAllAsync(again, b);
        Assert.Equal([2], _run.Trained["a"]);
    }

    [Fact]
    public async Task A_receipt_of_another_update_than_was_sent_is_found_also_after_a_restart()
    {
        (FedValueClient a, _) = await EnrolledAsync();
        Receipt receipt = await TinyRun.SubmitAsync(a, "a");
        a.Dispose();
        string[] lines = File.ReadAllLines(StateFile);
        int cut = Array.FindIndex(lines, line => line.Contains("\"round\":1,", StringComparison.Ordinal));
        string sent = (await TinyRun.Update("a", 1).DigestAsync()).ToString();
        File.WriteAllLines(StateFile, [.. lines[..cut], lines[cut].Replace(sent, new string('0', 64), StringComparison.Ordinal)]);
        var found = await Assert.ThrowsAsync<TamperingException>(() => _run.Client("a", Kept).RecoverAsync(default));
        Assert.Contains($"is that of entry {receipt.Index}, which says something else", found.Message);
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_found_also_behind_a_receipt_that_was_kept_later()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        _run.Server.After = (request, answer) =>
            request.Method == HttpMethod.Put ? throw new HttpRequestException("the answer was lost") : Task.FromResult(answer);
        await Assert.ThrowsAsync<FederationException>(() => TinyRun.SubmitAsync(a, "a"));
        _run.Server.After = (_, answer) => Task.FromResult(answer);
        await TinyRun.SubmitAsync(b, "b");

        FedValueClient again = _run.Client("a", Kept);
        await again.SubmitAsync(2, (await again.RoundAsync()).Model!.Value, TinyRun.Update("a", 2));
        Assert.Null(again.State.OfRound(1, "a"));
        await again.RecoverAsync(default);
        Assert.NotNull(again.State.OfRound(1, "a"));
        Assert.Equal(3, again.State.Receipts.Count);
        long searched = again.State.Searched;
        Assert.Equal((await _run.Server.EntriesAsync()).Count, searched);
        Assert.Equal(searched, _run.Client("a", Kept).State.Searched);
    }

    [Fact]
    public async Task A_state_file_has_one_client_at_a_time()
    {
        (FedValueClient a, _) = await EnrolledAsync();
        using var key = KeyFile.Create();
        var taken = Assert.Throws<IOException>(() => new FedValueClient(FakeServer.Address, "tiny", "a", key, Kept));
        Assert.Contains($"The state in '{StateFile}' cannot be locked: another client uses it", taken.Message);
        a.Dispose();
        new FedValueClient(FakeServer.Address, "tiny", "a", key, Kept).Dispose();
    }

    [Fact]
    public async Task An_update_that_was_accepted_unheard_before_the_round_closed_has_its_receipt()
    {
        (FedValueClient a, FedValueClient b) = await EnrolledAsync();
        int sent = 0;
        bool IsOurs(HttpRequestMessage request) =>
            request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.EndsWith("/a", StringComparison.Ordinal);
        _run.Server.After = (request, answer) => IsOurs(request) && ++sent <= 2
                ? sent == 1 ? throw new HttpRequestException("the answer was lost")
                    : Task.FromResult(FakeServer.Problem(HttpStatusCode.Conflict, "no-round", "No round takes updates now."))
                : Task.FromResult(answer);
        var submitted = new List<int>();
        await Task.WhenAll(
            a.RunAsync(_run.Trainer("a"), (round, _) =>
            {
                submitted.Add(round.Round);
                return Task.CompletedTask;
            }),
            b.RunAsync(_run.Trainer("b"))).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal([1, 2], submitted);
        Assert.Equal(3, a.State.Receipts.Count);
    }

    [Fact]
    public async Task Claiming_more_than_was_declared_is_found_before_anything_is_sent()
    {
        await EnrolledAsync();
        var greedy = new Trainer((model, _) => Task.FromResult(model.Update(model.Weights(), examples: 101)));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => _run.Client("a", Kept).RunAsync(greedy));
        Assert.Contains("100 examples were declared", refused.Message);
        Assert.DoesNotContain(_run.Server.Requests, request => request.StartsWith("PUT", StringComparison.Ordinal));
    }

    async Task<(FedValueClient A, FedValueClient B)> EnrolledAsync()
    {
        FedValueClient a = _run.Client("a", Kept), b = _run.Client("b");
        await a.EnrolAsync("token of a", 100);
        await b.EnrolAsync("token of b", 100);
        return (a, b);
    }

    public void Dispose()
    {
        _run.Dispose();
        _folder.Dispose();
    }
}
