using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Hosting;

// Rounds that the operator gives up.
public abstract partial class FederationHostContract
{
    const string Why = "The learning rate was wrong.";

    [Fact]
    public async Task A_round_that_can_never_be_aggregated_is_abandoned_and_the_next_one_is_paid()
    {
        await using IFederationHost host = await OpenAsync();
        FederationCreation creation = Diverging(out int bad);
        await TinyFederation.BeginAsync(host, creation);
        for (int round = 1; round < bad; round++)
            await TinyFederation.RoundAsync(host, round, "a", "b");
        RoundOpened stuck = await host.OpenRoundAsync(["a", "b"]);
        UpdateSubmission unpaid = TinyFederation.Submission("a", bad);
        Receipt accepted = (await host.SubmitAsync(unpaid)).Receipt!;
        await Assert.ThrowsAnyAsync<Exception>(() => host.CloseRoundAsync());
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.OpenRoundAsync(["a", "b"])); // stuck for ever, but for this:

        Receipt receipt = await host.AbandonRoundAsync(bad, Why);
        Assert.True(InclusionProof.Verify(receipt.Index, receipt.LeafHash, receipt.Head, receipt.Proof));
        RoundAbandoned entry = Assert.IsType<RoundAbandoned>(await EntryAsync(receipt.Index));
        Assert.Equal((bad, stuck.Model, Why), (entry.Round, entry.Model, entry.Reason));
        FederationState between = await host.StateAsync();
        Assert.Null(between.Round);
        Assert.Equal(stuck.Model, between.CurrentModel);
        Assert.Equal((bad - 1, bad), (between.RoundsPaid, between.LastRound));
        SubmissionReply again = await host.SubmitAsync(unpaid); // it stays on the ledger, and whoever asks hears so
        Assert.Equal((true, accepted.Index), (again.IsAccepted, again.Receipt!.Index));

        RoundOpened next = await host.OpenRoundAsync(["a", "b"]);
        Assert.Equal((bad + 1, stuck.Model), (next.Round, next.Model));
        Assert.Equal("wrong-round", (await host.SubmitAsync(TinyFederation.Submission("b", bad))).Reason);
        foreach (string participant in new[] { "a", "b" })
            Assert.True((await host.SubmitAsync(TinyFederation.Submission(participant, bad + 1))).IsAccepted);
        Assert.Equal(bad + 1, (await host.CloseRoundAsync()).Payouts.Round);
        await host.CloseAsync();
        await AuditAsync();
        FederationHistory history = await FederationHistory.LoadAsync(Ledger, Blobs);
        Assert.DoesNotContain(history.Rounds, round => round.Opened.Round == bad);
        Assert.Equal(bad, history.Rounds.Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task A_round_is_abandoned_whether_it_is_empty_short_or_waits_for_its_valuation(int updates, bool isAggregated)
    {
        FederationCreation creation = TinyFederation.Creation("fedavgm");
        await using (IFederationHost host = await OpenInProcessAsync(Ledger, Blobs, new FixedClock()))
        {
            await TinyFederation.BeginAsync(host, creation);
            await TinyFederation.RoundAsync(host, 1);
            await host.OpenRoundAsync(TinyFederation.Participants);
            for (int k = 0; k < updates; k++)
                await host.SubmitAsync(TinyFederation.Submission(TinyFederation.Participants[k], 2));
            if (isAggregated)
            {
                using var crash = new CancellationTokenSource();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.CloseRoundAsync(new CancelAt("exact", crash), crash.Token));
            }
        }
        await using IFederationHost again = await OpenAsync();
        RoundState round = (await again.StateAsync()).Round!;
        Assert.Equal(isAggregated, round.Aggregated is not null);
        await again.AbandonRoundAsync(2, Why);
        PaidRound paid = await TinyFederation.RoundAsync(again, 3);
        await AuditAsync();

        // As if the abandoned round had never been: model and momentum are those of before.
        await using IFederationHost straight = await OpenInProcessAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock());
        await TinyFederation.BeginAsync(straight, creation);
        await TinyFederation.RoundAsync(straight, 1);
        await straight.OpenRoundAsync(TinyFederation.Participants);
        foreach (string participant in TinyFederation.Participants)
            await straight.SubmitAsync(TinyFederation.Submission(participant, 3) with { Round = 2 });
        PaidRound same = await straight.CloseRoundAsync();
        Assert.Equal(
            (same.Aggregated.Model, same.Aggregated.AggregatorState), (paid.Aggregated.Model, paid.Aggregated.AggregatorState));
        Assert.Equal(same.Payouts.Payouts.Select(payout => payout.Amount), paid.Payouts.Payouts.Select(payout => payout.Amount));
    }

    [Fact]
    public async Task Work_on_a_round_that_is_abandoned_meanwhile_comes_to_nothing_and_touches_no_other_round()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        await host.SubmitAsync(TinyFederation.Submission("a", 1));
        var meanwhile = new Meanwhile(() =>
        {
            // In the host's own thread, while it closes round 1.
            host.AbandonRoundAsync(1, Why).GetAwaiter().GetResult();
            host.OpenRoundAsync(["a", "b"]).GetAwaiter().GetResult();
            host.SubmitAsync(TinyFederation.Submission("b", 2)).GetAwaiter().GetResult();
        });
        await Assert.ThrowsAnyAsync<Exception>(() => host.CloseRoundAsync(meanwhile));
        FederationState state = await host.StateAsync();
        Assert.Equal((2, 0, null), (state.Round?.Number, state.RoundsPaid, state.Round?.Aggregated));
        Assert.Equal(2, (await host.CloseRoundAsync()).Payouts.Round);
        await AuditAsync();
    }

    [Fact]
    public async Task A_federation_may_end_with_the_round_that_is_given_up()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await TinyFederation.RoundAsync(host, 1);
        await host.OpenRoundAsync(["a"]);
        long size = await Ledger.SizeAsync();
        await host.AbandonRoundAsync(2, Why, closesFederation: true);
        FederationState state = await host.StateAsync();
        Assert.True(state.IsClosed);
        Assert.Equal((1, 2, size + 2), (state.RoundsPaid, state.LastRound, await Ledger.SizeAsync()));
        await AuditAsync();
    }

    [Fact]
    public async Task Only_the_round_in_progress_can_be_abandoned_and_not_without_a_reason()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await Assert.ThrowsAsync<RoundException>(() => host.AbandonRoundAsync(1, Why));
        await host.OpenRoundAsync(["a"]);
        await Assert.ThrowsAsync<RoundException>(() => host.AbandonRoundAsync(2, Why));
        await Assert.ThrowsAsync<LedgerOrderException>(() => host.AbandonRoundAsync(1, " "));
        await host.AbandonRoundAsync(1, Why);
        await Assert.ThrowsAsync<RoundException>(() => host.AbandonRoundAsync(1, Why));
    }

    /// <summary>A pool of which one member carries every update out of all bounds, and the first round that draws it; a good one follows.</summary>
    static FederationCreation Diverging(out int bad)
    {
        FederationCreation creation = TinyFederation.Creation("fedrandom:fedavg,fedavgm:server-learning-rate=1e60");
        var setup = new FederationSetup(creation.Terms, creation.Model, creation.Validation);
        bad = Enumerable.Range(1, 100).First(r => Draw(r) == 1 && Draw(r + 1) == 0);
        return creation;

        int Draw(int round) => setup.Pool.Draw(creation.Terms.Seed, round);
    }

    async Task AuditAsync()
    {
        AuditReport report = await LedgerAuditor.AuditAsync(Ledger, Blobs, recompute: new RecomputeAudit(Blobs, new CpuBackend(1)).CheckAsync);
        Assert.Empty(report.Findings);
    }

    /// <summary>Does something once, when the work on a round says what it begins with.</summary>
    sealed class Meanwhile(Action once) : IProgress<string>
    {
        Action? _once = once;

        public void Report(string value) => Interlocked.Exchange(ref _once, null)?.Invoke();
    }
}
