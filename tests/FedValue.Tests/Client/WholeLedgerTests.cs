using FedValue.Client;
using FedValue.Contracts.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Protocol.Contracts;

namespace FedValue.Tests.Client;

/// <summary>A client reads the whole ledger. The server shows another one each time, whose hashes, heads and proofs fit it.</summary>
public sealed class WholeLedgerTests : IDisposable
{
    readonly TinyRun _run = new(TinyFederation.Creation(policy: "equal"));

    [Fact]
    public async Task The_ledger_that_the_Python_client_s_tests_read_holds_here_too()
    {
        var fold = new FedValue.Ledger.Auditing.EventFold();
        string file = ArchitectureTests.Repository.Path("clients", "python", "tests", "data", "scheduled-ledger.jsonl");
        foreach (string line in await File.ReadAllLinesAsync(file))
            Assert.Null(fold.Problem(System.Text.Encoding.UTF8.GetBytes(line), out _));
        Assert.Equal((3, 2, true), (fold.State.RoundsPaid, fold.State.RoundsAbandoned.Count, fold.State.IsClosed));
    }

    [Fact]
    public async Task What_a_whole_ledger_says_is_added_up()
    {
        FedValueClient a = await RunAsync();
        LedgerReport report = await a.VerifyLedgerAsync();
        Assert.Equal((4, 4, 2, 3), (report.Updates, report.Signatures, report.RoundsPaid, report.Receipts));
        Assert.Equal([("a", 1000L), ("b", 1000)], report.Balances.Select(balance => (balance.Key, balance.Value)));
        Assert.Equal((0, true), (report.Unallocated, report.IsClosed));
        Assert.Equal(await a.HeadAsync(), report.Head);
        Assert.Equal(report.Head, a.State.Head);
        Assert.Empty(report.RoundsAbandoned);
    }

    [Fact]
    public async Task A_claim_that_was_not_signed_so_is_found() =>
        await FoundAsync<UpdateAccepted>(update => update with { Examples = 9 }, "is not that of its key over what it claims");

    [Fact]
    public async Task A_refused_claim_that_was_not_signed_so_is_found()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        await TinyRun.SubmitAsync(a, "a");
        await Assert.ThrowsAsync<FederationException>(async () => await a.SubmitAsync(
            1, (await a.RoundAsync()).Model!.Value, LocalUpdate.OfFile(TinyRun.Model(new float[8]), examples: 7)));
        Assert.Equal(2, (await a.VerifyLedgerAsync()).Signatures);
        Rewrite<UpdateRefused>(refused => refused with { Claim = refused.Claim! with { Examples = 8 } });
        Assert.Contains("The signature of 'a'", (await Assert.ThrowsAsync<TamperingException>(() => _run.Client("a").VerifyLedgerAsync())).Message);
    }

    [Fact]
    public async Task Payouts_that_do_not_sum_to_the_budget_are_found() => await FoundAsync<PayoutsPosted>(
        posted => posted with { Payouts = [posted.Payouts[0] with { Amount = 501 }, posted.Payouts[1]] }, "sum to 1001");

    [Fact]
    public async Task A_division_that_does_not_follow_from_the_weights_is_found() => await FoundAsync<PayoutsPosted>(
        posted => posted with { Payouts = [posted.Payouts[0] with { Amount = 501 }, posted.Payouts[1] with { Amount = 499 }] },
        "'a' is owed 500 of the budget of 1000, but 501 was posted");

    [Fact]
    public async Task Events_out_of_order_are_found() =>
        await FoundAsync<RoundOpened>(opened => opened with { Round = 3 }, "Expected round 1 to open");

    [Fact]
    public async Task Another_beginning_is_found() =>
        await FoundAsync<FederationCreated>(created => created with { At = 7 }, "it begins with");

    [Fact]
    public async Task A_balance_that_is_not_the_sum_of_payouts_is_found()
    {
        FedValueClient a = await RunAsync();
        _run.Server.After = async (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/balances", StringComparison.Ordinal))
                return answer;
            BalanceSheet sheet = System.Text.Json.JsonSerializer.Deserialize<BalanceSheet>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)!;
            return FakeServer.Json(sheet with { Balances = [sheet.Balances[0] with { Amount = 999 }, sheet.Balances[1]] });
        };
        var found = await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync());
        Assert.Contains("the balance of 'a' is 999, but its ledger adds up to 1000", found.Message);
    }

    [Theory]
    [InlineData(0, "0 rounds were paid, but its ledger pays 2")]
    [InlineData(1, "1 rounds were paid, but its ledger pays 2")]
    [InlineData(3, "3 rounds were paid, but its ledger pays 2")]
    public async Task A_number_of_paid_rounds_that_the_ledger_does_not_show_is_found(int said, string found)
    {
        FedValueClient a = await RunAsync();
        ChangeBalances(sheet => sheet with { RoundsPaid = said });
        Assert.Contains(found, (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync())).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_round_that_was_paid_meanwhile_is_read_too(int wrong)
    {
        FedValueClient a = await RunAsync();
        IReadOnlyList<FedValue.Ledger.Storage.LedgerEntry> all = await _run.Server.EntriesAsync();
        bool isEarly = true;
        ChangeBalances(sheet =>
        {
            isEarly = false;
            return sheet with { Balances = [sheet.Balances[0] with { Amount = sheet.Balances[0].Amount + wrong }, sheet.Balances[1]] };
        }, async (request, answer) =>
        {
            if (!isEarly || !request.RequestUri!.AbsolutePath.EndsWith("/entries", StringComparison.Ordinal))
                return answer;
            EntriesPage page = System.Text.Json.JsonSerializer.Deserialize<EntriesPage>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)!;
            return FakeServer.Json(new EntriesPage(all.Count - 2, [.. page.Entries.Where(entry => entry.Index < all.Count - 2)]));
        });
        if (wrong == 0)
            Assert.Equal(2, (await a.VerifyLedgerAsync()).RoundsPaid);
        else
            await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync());
        Assert.False(isEarly);
    }

    void ChangeBalances(
        Func<BalanceSheet, BalanceSheet> change, Func<HttpRequestMessage, HttpResponseMessage, Task<HttpResponseMessage>>? others = null) =>
        _run.Server.After = async (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/balances", StringComparison.Ordinal))
                return others is null ? answer : await others(request, answer);
            return FakeServer.Json(change(System.Text.Json.JsonSerializer.Deserialize<BalanceSheet>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)!));
        };

    [Fact]
    public async Task A_receipt_for_what_is_not_there_is_found()
    {
        FedValueClient a = await RunAsync();
        await a.HeadAsync();
        Rewrite<FederationClosed>(closed => closed with { At = closed.At + 1 }); // behind all receipts
        await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync()); // but not behind the last head
        _run.Server.Rewrite = (_, happened) => happened;
        await a.VerifyLedgerAsync();

        Digest leaf = Digest.Of("nothing"u8);
        a.State.Add(new Receipt(0, leaf, new TreeHead(1, leaf), []));
        Assert.Contains("does not hold entry 0", (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync())).Message);
    }

    [Fact]
    public async Task A_receipt_in_another_tree_or_beyond_the_end_is_found()
    {
        FedValueClient a = await RunAsync();
        KeptReceipt last = a.State.Receipts[^1];
        FedValueClient second = _run.Client("a"), third = _run.Client("a");
        Digest other = Digest.Of("another tree"u8);
        second.State.Add(last.Receipt with { Head = last.Receipt.Head with { Root = other } });
        Assert.Contains("had the root", (await Assert.ThrowsAsync<TamperingException>(() => second.VerifyLedgerAsync())).Message);
        third.State.Add(new Receipt(99, other, new TreeHead(100, other), []));
        await Assert.ThrowsAsync<TamperingException>(() => third.VerifyLedgerAsync());
    }

    [Fact]
    public async Task A_page_with_another_text_than_its_hash_is_found()
    {
        FedValueClient a = await RunAsync();
        _run.Server.After = async (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/entries", StringComparison.Ordinal))
                return answer;
            EntriesPage page = System.Text.Json.JsonSerializer.Deserialize<EntriesPage>(
                await answer.Content.ReadAsStringAsync(), ContractJson.Options)!;
            return FakeServer.Json(page with { Entries = [page.Entries[0] with { Entry = page.Entries[0].Entry + " " }, .. page.Entries.Skip(1)] });
        };
        Assert.Contains("its leaf hash is", (await Assert.ThrowsAsync<TamperingException>(() => a.VerifyLedgerAsync())).Message);
    }

    /// <summary>The first event of a type reads otherwise; a client that knows nothing finds it, and one that has seen the ledger too.</summary>
    async Task FoundAsync<T>(Func<T, T> change, string said)
        where T : LedgerEvent
    {
        FedValueClient a = await RunAsync();
        await a.VerifyLedgerAsync();
        FedValueClient fresh = _run.Client("a");
        await fresh.FederationAsync();
        Rewrite(change);
        foreach (FedValueClient client in new[] { fresh, a })
            Assert.Contains(said, (await Assert.ThrowsAsync<TamperingException>(() => client.VerifyLedgerAsync())).Message);
    }

    void Rewrite<T>(Func<T, T> change)
        where T : LedgerEvent
    {
        long? place = null;
        _run.Server.Rewrite = (index, happened) =>
            happened is T such && index == (place ??= index) ? change(such) : happened;
    }

    async Task<FedValueClient> RunAsync()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        await _run.RunAllAsync(a, b);
        return a;
    }

    public void Dispose() => _run.Dispose();
}
