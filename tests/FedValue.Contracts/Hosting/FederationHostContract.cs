using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Hosting;

/// <summary>What every host of the roles must do. Hosts derive and say how they open.</summary>
public abstract partial class FederationHostContract
{
    /// <summary>The ledger under the host.</summary>
    protected InMemoryLedgerStore Ledger { get; } = new();

    /// <summary>The blobs under the host.</summary>
    protected InMemoryBlobStore Blobs { get; } = new();

    /// <summary>Opens a host on a ledger and blobs that may already hold a federation.</summary>
    protected abstract Task<IFederationHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock);

    Task<IFederationHost> OpenAsync() => OpenAsync(Ledger, Blobs, new FixedClock());

    [Fact]
    public async Task A_federation_runs_from_its_first_entry_to_its_last()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        for (int round = 1; round <= 3; round++)
        {
            PaidRound paid = await TinyFederation.RoundAsync(host, round);
            Assert.Equal(round, paid.Payouts.Round);
            Assert.Equal(1000, paid.Payouts.Unallocated + paid.Payouts.Payouts.Sum(p => p.Amount));
            Assert.Equal(TinyFederation.Participants.Order(StringComparer.Ordinal), paid.Payouts.Payouts.Select(p => p.Participant));
        }
        await host.CloseAsync();
        FederationState state = await host.StateAsync();
        Assert.True(state.IsClosed);
        Assert.Equal(3, state.RoundsPaid);
        Assert.Equal(3000, state.Balances.Values.Sum() + state.Unallocated);
        Assert.Equal(await Ledger.SizeAsync(), (await host.HeadAsync()).Size);
    }

    [Fact]
    public async Task Every_entry_has_a_receipt_and_every_size_a_proof_in_the_tree_as_it_is_now()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        TreeHead older = await host.HeadAsync();
        await TinyFederation.RoundAsync(host, 1);
        TreeHead head = await host.HeadAsync();
        for (long index = 0; index < head.Size; index++)
        {
            Receipt receipt = (await host.ReceiptAsync(index))!;
            Assert.Equal((index, head), (receipt.Index, receipt.Head));
            Assert.True(InclusionProof.Verify(index, receipt.LeafHash, head, receipt.Proof));
        }
        (TreeHead now, IReadOnlyList<Digest> proof) = (await host.ConsistencyAsync(older.Size))!.Value;
        Assert.Equal(head, now);
        Assert.True(ConsistencyProof.Verify(older, now, proof));
        Assert.Null(await host.ReceiptAsync(head.Size));
        Assert.Null(await host.ReceiptAsync(-1));
        (TreeHead between, proof) = (await host.ConsistencyAsync(2, older.Size))!.Value;
        Assert.Equal(older, between); // although the ledger has grown
        Assert.True(ConsistencyProof.Verify((await host.ConsistencyAsync(1, 2))!.Value.Head, between, proof));
        Assert.Null(await host.ConsistencyAsync(0));
        Assert.Null(await host.ConsistencyAsync(head.Size + 1));
        Assert.Null(await host.ConsistencyAsync(1, head.Size + 1));
        Assert.Null(await host.ConsistencyAsync(3, 2));
    }

    [Fact]
    public async Task Every_host_writes_the_same_ledger()
    {
        TreeHead head = await RunTwoRoundsAsync(OpenAsync, Ledger, Blobs);
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        TreeHead reference = await RunTwoRoundsAsync(OpenInProcessAsync, ledger, blobs);
        Assert.Equal(reference, head);
    }

    [Fact]
    public async Task The_order_in_which_updates_come_changes_nothing_but_the_order_of_their_entries()
    {
        RoundValued[] valued = new RoundValued[2];
        for (int run = 0; run < 2; run++)
        {
            await using IFederationHost host = await OpenAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock());
            await TinyFederation.BeginAsync(host);
            IReadOnlyList<string> order = run == 0 ? TinyFederation.Participants : [.. TinyFederation.Participants.Reverse()];
            PaidRound paid = await TinyFederation.RoundAsync(host, 1, order);
            valued[run] = paid.Valued;
        }
        Assert.Equal(EventJson.Serialize(valued[0]), EventJson.Serialize(valued[1]));
    }

    [Fact]
    public async Task A_host_that_is_restarted_after_every_step_writes_the_same_ledger()
    {
        var (ledger, blobs) = (new InMemoryLedgerStore(), new InMemoryBlobStore());
        TreeHead uninterrupted = await RunTwoRoundsAsync(OpenInProcessAsync, ledger, blobs);

        async Task StepAsync(Func<IFederationHost, Task> step)
        {
            await using IFederationHost host = await OpenAsync();
            await step(host);
        }
        await StepAsync(host => host.CreateAsync(TinyFederation.Creation("fedrandom")));
        foreach (string participant in TinyFederation.Participants)
            await StepAsync(host => host.EnrolAsync(participant, 100));
        for (int round = 1; round <= 2; round++)
        {
            int number = round;
            await StepAsync(host => host.OpenRoundAsync(TinyFederation.Participants));
            foreach (string participant in TinyFederation.Participants)
                await StepAsync(host => host.SubmitAsync(TinyFederation.Submission(participant, number)));
            await StepAsync(host => host.CloseRoundAsync());
        }
        await StepAsync(host => host.CloseAsync());
        await using IFederationHost last = await OpenAsync();
        Assert.Equal(uninterrupted, await last.HeadAsync());
    }

    [Fact]
    public async Task A_round_that_was_aggregated_before_a_crash_is_finished_after_it()
    {
        await using (IFederationHost host = await OpenInProcessAsync(Ledger, Blobs, new FixedClock()))
        {
            await TinyFederation.BeginAsync(host);
            await host.OpenRoundAsync(TinyFederation.Participants);
            await host.SubmitAsync(TinyFederation.Submission("a", 1));
            var crash = new CancellationTokenSource();
            var crashWhenValuing = new CancelAt("exact", crash);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.CloseRoundAsync(crashWhenValuing, crash.Token));
            Assert.NotNull((await host.StateAsync()).Round?.Aggregated);
        }
        await using IFederationHost again = await OpenAsync();
        PaidRound paid = await again.CloseRoundAsync();
        Assert.Equal(1, paid.Aggregated.Updates);
        Assert.Equal(1, (await again.StateAsync()).RoundsPaid);
    }

    [Fact]
    public async Task A_receipt_proves_that_the_entry_is_in_the_tree()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        SubmissionReply reply = await host.SubmitAsync(TinyFederation.Submission("a", 1));
        Assert.True(reply.IsAccepted);
        Receipt receipt = reply.Receipt!;
        Assert.True(InclusionProof.Verify(receipt.Index, receipt.LeafHash, receipt.Head, receipt.Proof));
        await foreach (LedgerEntry entry in Ledger.ReadAsync(receipt.Index))
        {
            Assert.Equal("a", Assert.IsType<UpdateAccepted>(EventJson.Parse(entry.Bytes.Span)).Participant);
            break;
        }
    }

    [Fact]
    public async Task The_same_update_twice_gives_the_same_receipt_and_one_entry()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        SubmissionReply first = await host.SubmitAsync(TinyFederation.Submission("a", 1));
        long size = await Ledger.SizeAsync();
        SubmissionReply second = await host.SubmitAsync(TinyFederation.Submission("a", 1));
        Assert.True(second.IsAccepted);
        Assert.Equal(first.Receipt!.Index, second.Receipt!.Index);
        Assert.Equal(first.Receipt.LeafHash, second.Receipt.LeafHash);
        Assert.Equal(size, await Ledger.SizeAsync());
    }

    [Fact]
    public async Task A_second_different_update_is_refused_on_the_ledger_and_the_first_one_counts()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        await host.SubmitAsync(TinyFederation.Submission("a", 1));
        SubmissionReply reply = await host.SubmitAsync(TinyFederation.Submission("a", 1, variant: 1));
        Assert.False(reply.IsAccepted);
        Assert.NotNull(reply.Receipt);
        UpdateRefused refused = Assert.IsType<UpdateRefused>(await EntryAsync(reply.Receipt.Index));
        Assert.Equal("equivocation", refused.Reason);
        PaidRound paid = await host.CloseRoundAsync();
        Assert.Equal(1, paid.Aggregated.Updates);
    }

    [Fact]
    public async Task Of_many_different_updates_sent_at_once_exactly_one_is_accepted()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        SubmissionReply[] replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(variant =>
            Task.Run(() => host.SubmitAsync(TinyFederation.Submission("a", 1, variant: variant)))));
        Assert.Single(replies, reply => reply.IsAccepted);
        Assert.Single((await host.StateAsync()).Round!.Accepted);
    }

    [Theory]
    [InlineData("not-finite")]
    [InlineData("not-measurable")]
    [InlineData("malformed")]
    [InlineData("mismatch")]
    [InlineData("examples")]
    [InlineData("loss")]
    public async Task A_bad_update_is_refused_with_its_reason_and_a_good_one_may_follow(string reason)
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        SubmissionReply reply = await host.SubmitAsync(BadSubmissions.For(reason));
        Assert.False(reply.IsAccepted);
        UpdateRefused refused = Assert.IsType<UpdateRefused>(await EntryAsync(reply.Receipt!.Index));
        Assert.Equal((reason, "a", reply.Problem), (refused.Reason, refused.Participant, refused.Detail));
        Assert.True((await host.SubmitAsync(TinyFederation.Submission("a", 1))).IsAccepted);
    }

    [Fact]
    public async Task What_belongs_to_no_open_round_is_turned_away_without_an_entry()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        Assert.False((await host.SubmitAsync(TinyFederation.Submission("a", 1))).IsAccepted); // no round yet
        await host.OpenRoundAsync(["a", "b"]);
        long size = await Ledger.SizeAsync();
        UpdateSubmission[] misplaced =
        [
            TinyFederation.Submission("a", 2), TinyFederation.Submission("hospital-7", 1), TinyFederation.Submission("stranger", 1),
        ];
        foreach (UpdateSubmission submission in misplaced)
        {
            SubmissionReply reply = await host.SubmitAsync(submission);
            Assert.False(reply.IsAccepted);
            Assert.Null(reply.Receipt);
            Assert.NotNull(reply.Problem);
        }
        Assert.Equal(size, await Ledger.SizeAsync());
    }

    [Theory]
    [InlineData("unallocated", 1000)]
    [InlineData("equal", 1000)]
    public async Task A_round_without_updates_leaves_the_model_and_the_budget_where_they_were(string ifNonePositive, long unallocated)
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host, TinyFederation.Creation(ifNonePositive: ifNonePositive));
        RoundOpened opened = await host.OpenRoundAsync(["a"]);
        PaidRound paid = await host.CloseRoundAsync();
        Assert.Equal(opened.Model, paid.Aggregated.Model);
        Assert.Empty(paid.Payouts.Payouts);
        Assert.Equal(unallocated, paid.Payouts.Unallocated);
    }

    [Fact]
    public async Task Cohorts_may_be_disjoint_and_of_any_size()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host, TinyFederation.Creation(methods:
            ["exact", "permutation", "banzhaf", "loo", "in-run", "cosine", "gradient-shapley-unit", "gradient-shapley-calibrated",
                "gradient-shapley", "chg-unit", "chg"]));
        await TinyFederation.RoundAsync(host, 1, "a", "b");
        await TinyFederation.RoundAsync(host, 2, "hospital-10");
        await TinyFederation.RoundAsync(host, 3, "hospital-7", "hospital-10", "a");
        FederationState state = await host.StateAsync();
        Assert.Equal(3, state.RoundsPaid);
        Assert.Equal(3000, state.Balances.Values.Sum() + state.Unallocated);
    }

    [Fact]
    public async Task What_methods_remember_of_participants_outlives_a_restart()
    {
        IReadOnlyList<string>[] cohorts = [["a", "b"], ["b", "hospital-10"], TinyFederation.Participants];
        FederationCreation creation = TinyFederation.Creation(methods:
            ["cosine", "cgsv:momentum=0.5", "shapfed:momentum=0.5", "fedce", "asymmetric"]);
        await using IFederationHost uninterrupted = await OpenInProcessAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock());
        await TinyFederation.BeginAsync(uninterrupted, creation);
        await using (IFederationHost host = await OpenAsync())
            await TinyFederation.BeginAsync(host, creation);

        var memories = new HashSet<Digest>();
        for (int round = 1; round <= cohorts.Length; round++)
        {
            PaidRound expected = await TinyFederation.RoundAsync(uninterrupted, round, cohorts[round - 1]);
            await using IFederationHost host = await OpenAsync();
            PaidRound paid = await TinyFederation.RoundAsync(host, round, cohorts[round - 1]);
            Assert.Equal(EventJson.Serialize(expected.Valued), EventJson.Serialize(paid.Valued));
            Assert.True(memories.Add(paid.Valued.Memory!.Value));
            Assert.Equal(await uninterrupted.HeadAsync(), await host.HeadAsync());
        }
    }

    [Fact]
    public async Task Two_hosts_on_one_ledger_lose_nothing()
    {
        await using IFederationHost first = await OpenAsync();
        await TinyFederation.BeginAsync(first);
        await first.OpenRoundAsync(TinyFederation.Participants);
        await using IFederationHost second = await OpenAsync();
        SubmissionReply[] replies = await Task.WhenAll(TinyFederation.Participants.Select((participant, i) =>
            Task.Run(() => (i % 2 == 0 ? first : second).SubmitAsync(TinyFederation.Submission(participant, 1)))));
        Assert.All(replies, reply => Assert.True(reply.IsAccepted, reply.Problem));
        Assert.Equal(TinyFederation.Participants.Count, replies.Select(reply => reply.Receipt!.Index).Distinct().Count());
        PaidRound paid = await first.CloseRoundAsync();
        Assert.Equal(TinyFederation.Participants.Count, paid.Aggregated.Updates);
    }

    [Fact]
    public async Task What_cannot_follow_is_refused_with_a_sentence()
    {
        await using IFederationHost host = await OpenAsync();
        await Assert.ThrowsAsync<RoundException>(() => host.OpenRoundAsync(["a"]));
        await TinyFederation.BeginAsync(host);
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.CreateAsync(TinyFederation.Creation()));
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.EnrolAsync("a", 10));
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.EnrolAsync("not allowed", 10));
        await Assert.ThrowsAsync<RoundException>(() => host.CloseRoundAsync());
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.OpenRoundAsync(["stranger"]));
        await host.OpenRoundAsync(["a"]);
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.OpenRoundAsync(["a"]));
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.CloseAsync());
    }

    static async Task<TreeHead> RunTwoRoundsAsync(
        Func<ILedgerStore, IBlobStore, TimeProvider, Task<IFederationHost>> open, ILedgerStore ledger, IBlobStore blobs)
    {
        await using IFederationHost host = await open(ledger, blobs, new FixedClock());
        await TinyFederation.BeginAsync(host, TinyFederation.Creation("fedrandom"));
        await TinyFederation.RoundAsync(host, 1);
        await TinyFederation.RoundAsync(host, 2);
        await host.CloseAsync();
        return await host.HeadAsync();
    }

    static async Task<IFederationHost> OpenInProcessAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock) =>
        await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(1), clock);

    async Task<LedgerEvent> EntryAsync(long index)
    {
        await foreach (LedgerEntry entry in Ledger.ReadAsync(index))
            return EventJson.Parse(entry.Bytes.Span);
        throw new InvalidOperationException($"There is no entry {index}.");
    }

    sealed class CancelAt(string step, CancellationTokenSource source) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value == step)
                source.Cancel();
        }
    }
}
