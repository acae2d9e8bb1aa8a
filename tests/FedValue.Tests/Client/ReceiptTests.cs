using System.Net;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Protocol.Contracts;

namespace FedValue.Tests.Client;

public sealed class ReceiptTests : IDisposable
{
    readonly TinyRun _run = new();

    [Fact]
    public async Task A_receipt_leads_to_the_entry_and_holds_while_the_ledger_grows()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        Receipt receipt = await SubmitAsync(a, "a");
        var entry = Assert.IsType<UpdateAccepted>(await a.VerifyReceiptAsync(receipt));
        Assert.Equal(("a", 1, 10), (entry.Participant, entry.Round, entry.Examples));
        await SubmitAsync(b, "b");
        Assert.Equal(entry, await a.VerifyReceiptAsync(receipt));
        Assert.True((await a.HeadAsync()).Size > receipt.Head.Size);
    }

    [Fact]
    public async Task A_receipt_that_proves_nothing_is_noticed_when_it_comes()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        RoundAnnouncement round = await a.RoundAsync();
        _run.Server.After = async (request, answer) =>
        {
            if (request.Method != HttpMethod.Put)
                return answer;
            string text = await answer.Content.ReadAsStringAsync();
            UploadReply reply = System.Text.Json.JsonSerializer.Deserialize<UploadReply>(text, ContractJson.Options)!;
            return FakeServer.Json(reply with { Receipt = reply.Receipt with { LeafHash = Digest.Of("another entry"u8) } });
        };
        var noticed = await Assert.ThrowsAsync<TamperingException>(() => a.SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1)));
        Assert.Contains("does not lead from the leaf to the root", noticed.Message);
    }

    [Fact]
    public async Task An_entry_that_reads_otherwise_than_when_the_receipt_was_given_is_noticed()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        Receipt receipt = await SubmitAsync(a, "a");
        ChangeEntries(entry => entry.Replace("\"examples\":10", "\"examples\":90", StringComparison.Ordinal), rehash: false);
        await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt));
        ChangeEntries(entry => entry.Replace("\"examples\":10", "\"examples\":90", StringComparison.Ordinal), rehash: true);
        Assert.Contains($"Entry {receipt.Index} had the leaf hash {receipt.LeafHash}",
            (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt))).Message);
        ChangeEntries(_ => null, rehash: false);
        Assert.Contains($"Entry {receipt.Index} was on the ledger",
            (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt))).Message);
    }

    [Fact]
    public async Task A_ledger_that_was_written_anew_is_noticed()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        Receipt receipt = await SubmitAsync(a, "a");
        await SubmitAsync(b, "b");
        var other = new MerkleProver();
        for (int i = 0; i < 20; i++)
            other.Append(Digest.Of([(byte)i]));
        _run.Server.After = (request, answer) => Task.FromResult(
            !request.RequestUri!.AbsolutePath.EndsWith("/head", StringComparison.Ordinal) ? answer
                : FakeServer.Json(new HeadReply(other.Size, other.Head.Root, other.ProveConsistency(receipt.Head.Size, other.Size))));
        var noticed = await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt));
        Assert.Contains("does not begin with them", noticed.Message);
    }

    [Fact]
    public async Task A_ledger_that_was_set_back_is_noticed_also_by_a_trainer_at_work()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        Receipt receipt = await SubmitAsync(a, "a");
        await SubmitAsync(b, "b");
        Assert.True((await a.HeadAsync()).Size > receipt.Head.Size);
        _run.Server.Forgotten = 1;
        Assert.Contains("it was set back", (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt))).Message);
        await Assert.ThrowsAsync<TamperingException>(() => a.RunAsync(_run.Trainer("a")));
    }

    /// <summary>Every head that was seen begins what is shown for it, of one size even; only the roots differ.</summary>
    [Fact]
    public async Task A_server_that_leads_every_head_on_in_a_branch_of_its_own_is_noticed()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        await SubmitAsync(b, "b");
        Receipt receipt = await SubmitAsync(a, "a");
        MerkleProver honest = new(), forked = new();
        foreach (FedValue.Ledger.Storage.LedgerEntry entry in await _run.Server.EntriesAsync())
        {
            honest.Append(entry.LeafHash);
            forked.Append(entry.Index < receipt.Index ? entry.LeafHash : Digest.Of("something else"u8));
        }
        a.State.Saw(forked.HeadAt(receipt.Index + 1)); // as an earlier process was shown it
        foreach (MerkleProver branch in (MerkleProver[])[honest, forked])
        {
            while (branch.Size < 20)
                branch.Append(Digest.Of(BitConverter.GetBytes(branch.Size)));
        }
        int asked = 0;
        _run.Server.After = (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/head", StringComparison.Ordinal))
                return Task.FromResult(answer);
            long from = long.Parse(System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query)["from"]!);
            // The heads have one size here, and the receipt's is asked about first.
            MerkleProver branch = asked++ == 0 ? honest : forked;
            return Task.FromResult(FakeServer.Json(new HeadReply(20, branch.Head.Root, branch.ProveConsistency(from, 20))));
        };
        var noticed = await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt));
        Assert.Contains("two ledgers of 20 entries", noticed.Message);
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ledger_that_grows_at_every_question_is_believed_if_it_shows_what_is_asked_for(bool shows)
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        Receipt receipt = await SubmitAsync(a, "a");
        await SubmitAsync(b, "b");
        TreeHead seen = await a.HeadAsync();
        var growing = new MerkleProver(); // it begins with all that was seen, so each answer holds by itself
        foreach (FedValue.Ledger.Storage.LedgerEntry entry in await _run.Server.EntriesAsync())
            growing.Append(entry.LeafHash);
        _run.Server.After = (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/head", StringComparison.Ordinal))
                return Task.FromResult(answer);
            growing.Append(Digest.Of(BitConverter.GetBytes(growing.Size)));
            System.Collections.Specialized.NameValueCollection query = System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query);
            TreeHead head = growing.HeadAt(shows && query["to"] is { } to ? long.Parse(to) : growing.Size);
            return Task.FromResult(FakeServer.Json(
                new HeadReply(head.Size, head.Root, growing.ProveConsistency(long.Parse(query["from"]!), head.Size))));
        };
        if (shows)
        {
            Assert.Equal("a", Assert.IsType<UpdateAccepted>(await a.VerifyReceiptAsync(receipt)).Participant);
            Assert.Equal(seen.Size + 1, a.State.Head!.Size);
            return;
        }
        var noticed = await Assert.ThrowsAsync<TamperingException>(() => a.VerifyReceiptAsync(receipt));
        Assert.Contains("but it was shown with", noticed.Message);
        Assert.Equal(seen, a.State.Head);
        await a.HeadAsync(); // one question alone needs no second answer
        await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync());
    }

    [Fact]
    public async Task A_receipt_of_another_entry_than_the_own_update_ends_a_run()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        Receipt others = await SubmitAsync(b, "b");
        _run.Server.After = (request, answer) => Task.FromResult(
            request.Method == HttpMethod.Put ? FakeServer.Json(new UploadReply(true, ReceiptMessage.Of(others))) : answer);
        var noticed = await Assert.ThrowsAsync<TamperingException>(() => a.RunAsync(_run.Trainer("a")));
        Assert.Contains("says something else", noticed.Message);
    }

    [Fact]
    public async Task A_model_with_other_bytes_than_its_name_says_is_not_trained_on()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        _run.Server.After = (request, answer) => Task.FromResult(
            request.RequestUri!.AbsolutePath.Contains("/models/", StringComparison.Ordinal)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(TinyRun.Model(new float[8])) } : answer);
        await Assert.ThrowsAsync<TamperingException>(() => a.RunAsync(_run.Trainer("a")));
        Assert.Empty(_run.Trained["a"]);
    }

    [Fact]
    public async Task A_federation_that_begins_otherwise_than_the_participant_knows_is_not_joined()
    {
        FedValueClient a = _run.Client("a", new ClientOptions { Ledger = Digest.Of("what I was told"u8) });
        await Assert.ThrowsAsync<TamperingException>(() => a.FederationAsync());
    }

    static async Task<Receipt> SubmitAsync(FedValueClient client, string participant) =>
        await client.SubmitAsync(1, (await client.RoundAsync()).Model!.Value, TinyRun.Update(participant, 1));

    void ChangeEntries(Func<string, string?> change, bool rehash) => _run.Server.After = async (request, answer) =>
    {
        if (!request.RequestUri!.AbsolutePath.EndsWith("/entries", StringComparison.Ordinal))
            return answer;
        EntriesPage page = System.Text.Json.JsonSerializer.Deserialize<EntriesPage>(
            await answer.Content.ReadAsStringAsync(), ContractJson.Options)!;
        return FakeServer.Json(page with
        {
            Entries = [.. page.Entries.Select(entry => (entry, Text: change(entry.Entry))).Where(pair => pair.Text is not null).Select(pair =>
                pair.entry with
                {
                    Entry = pair.Text!,
                    LeafHash = rehash ? MerkleHash.Leaf(System.Text.Encoding.UTF8.GetBytes(pair.Text!)) : pair.entry.LeafHash,
                })],
        });
    };

    public void Dispose() => _run.Dispose();
}
