using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Payments;

/// <summary>Rounds of more participants than one entry can pay.</summary>
public sealed class PayoutSlicesTests
{
    static readonly PaymentTerms Terms = new(10_007, "cosine", "proportional", "unallocated");

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(400, 1)]
    [InlineData(401, 2)]
    [InlineData(800, 2)]
    [InlineData(2001, 6)]
    public void Payouts_are_cut_into_slices_that_join_to_what_they_were(int participants, int slices)
    {
        PayoutsPosted whole = Whole(participants);
        IReadOnlyList<PayoutsPosted> cut = PayoutSlices.Of(whole);
        Assert.Equal(slices, cut.Count);
        Assert.Equal(whole.Unallocated, cut.Sum(slice => slice.Unallocated));
        PayoutsPosted? joined = null;
        foreach (PayoutsPosted slice in cut)
            joined = PayoutSlices.Join(joined, (PayoutsPosted)EventJson.Parse(EventJson.Serialize(slice)), participants);
        Assert.Equal(EventJson.Serialize(whole with { Payouts = [] }), EventJson.Serialize(joined! with { Payouts = [] }));
        Assert.Equal(whole.Payouts, joined.Payouts);
    }

    [Fact]
    public async Task A_round_of_a_thousand_is_paid_in_three_entries_or_not_at_all()
    {
        (InMemoryLedgerStore ledger, LedgerWriter writer, LedgerEvent[] valuedAndPaid) = await ValuedAsync(1000);
        LedgerEvent[] swapped = [valuedAndPaid[0], valuedAndPaid[2], valuedAndPaid[1], valuedAndPaid[3]];
        LedgerEvent[] twice = [.. valuedAndPaid[..2], valuedAndPaid[1], .. valuedAndPaid[2..]];
        LedgerEvent[] early = [valuedAndPaid[0], ((PayoutsPosted)valuedAndPaid[1]) with { Unallocated = 1 }, .. valuedAndPaid[2..]];
        foreach (LedgerEvent[] wrong in new[] { swapped, twice, early })
            await Assert.ThrowsAsync<LedgerOrderException>(() => writer.AppendAsync(wrong));

        long before = await ledger.SizeAsync();
        await writer.AppendAsync(valuedAndPaid);
        Assert.Equal(before + 4, await ledger.SizeAsync());
        Assert.Equal((1, 10_007L), (writer.State.RoundsPaid, writer.State.Balances.Values.Sum() + writer.State.Unallocated));
        Assert.Null(writer.State.Round);
    }

    [Fact]
    public async Task An_auditor_finds_a_unit_moved_between_slices()
    {
        (InMemoryLedgerStore ledger, LedgerWriter writer, LedgerEvent[] valuedAndPaid) = await ValuedAsync(1000);
        Payout[] first = [.. ((PayoutsPosted)valuedAndPaid[1]).Payouts], last = [.. ((PayoutsPosted)valuedAndPaid[3]).Payouts];
        first[0] = first[0] with { Amount = first[0].Amount + 1 };
        last[^1] = last[^1] with { Amount = last[^1].Amount - 1 };
        valuedAndPaid[1] = (PayoutsPosted)valuedAndPaid[1] with { Payouts = first };
        valuedAndPaid[3] = (PayoutsPosted)valuedAndPaid[3] with { Payouts = last };
        await writer.AppendAsync(valuedAndPaid); // the sum is right, so the fold takes it
        AuditReport report = await LedgerAuditor.AuditAsync(ledger, _blobs);
        AuditFinding finding = Assert.Single(report.Findings);
        Assert.Equal(await ledger.SizeAsync() - 1, finding.Entry);
        Assert.Contains("owes 'p0000'", finding.Problem);
    }

    readonly InMemoryBlobStore _blobs = new();

    async Task<(InMemoryLedgerStore Ledger, LedgerWriter Writer, LedgerEvent[] ValuedAndPaid)> ValuedAsync(int participants)
    {
        var ledger = new InMemoryLedgerStore();
        LedgerWriter writer = await LedgerWriter.OpenAsync(ledger);
        Digest blob = await _blobs.PutAsync(new byte[] { 1 });
        string[] ids = Ids(participants);
        double[] values = [.. ids.Select((_, i) => i % 7 - 1.0)];
        Digest stored = await _blobs.PutAsync(DoubleBlob.Write(values));
        var terms = new FederationTerms(
            "softmax", [new AggregatorTerms("fedavg", "")], "validation-loss", ["cosine"], new SamplingTerms(32, 64, 0.1), 0, Terms, 1);
        await writer.AppendAsync([new FederationCreated("large", 1, terms, blob, blob, blob, [], 0)]);
        await writer.AppendAsync([.. ids.Select(id => new ParticipantEnrolled(id, 10, 0))]);
        await writer.AppendAsync([new RoundOpened(1, blob, "fedavg", ids, 0)]);
        await writer.AppendAsync([.. ids.Select(id => new UpdateAccepted(1, id, blob, 10, 1, 0))]);
        await writer.AppendAsync([new RoundAggregated(1, participants, blob, blob, 0.5, 0.5)]);
        var valued = new RoundValued(1, blob, null, [new MethodValuation("cosine", stored, blob, 0, 0, "exact")]);
        PayoutsPosted whole = PayoutRules.Post(Terms, 1, ids, values, [.. ids.Select(_ => 10L)]);
        return (ledger, writer, [valued, .. PayoutSlices.Of(whole)]);
    }

    static PayoutsPosted Whole(int participants) => new(
        3, Terms.PayBy, Terms.Policy, Terms.Budget, 7, [.. Ids(participants).Select((id, i) => new Payout(id, i, 2 * i))]);

    static string[] Ids(int participants) => [.. Enumerable.Range(0, participants).Select(i => $"p{i:d4}")];
}
