using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger.Auditing;

/// <summary>Payouts that obey every rule of order, with leaf hashes to match and no head to compare: only the values tell.</summary>
public class PayoutTamperingTests
{
    [Theory]
    [InlineData(0, PaymentPolicy.Proportional, "shapley")]
    [InlineData(1, PaymentPolicy.Proportional, "shapley")]
    [InlineData(0, PaymentPolicy.Equal, "")]
    [InlineData(1, PaymentPolicy.BySize, "")]
    public async Task Every_unit_moved_and_every_weight_changed_is_found_at_that_entry(int round, string policy, string payBy)
    {
        Audits audits = await Audits.CreateAsync(payment: new PaymentTerms(1000, payBy, policy, PaymentPolicy.Unallocated));
        Assert.Empty((await audits.AloneAsync(new DoctoredLedger(audits.Entries))).Findings);
        PayoutsPosted posted = audits.Federation.Event<PayoutsPosted>(round);
        foreach (PayoutsPosted changed in Changed(posted))
            await FoundAsync(audits, audits.Federation.IndexOf<PayoutsPosted>(round), changed, $"Round {round + 1} owes");
    }

    [Fact]
    public async Task A_budget_kept_back_although_it_was_earned_is_found()
    {
        Audits audits = await Audits.CreateAsync();
        PayoutsPosted posted = audits.Federation.Event<PayoutsPosted>();
        PayoutsPosted keptBack = posted with
        {
            Unallocated = posted.Budget,
            Payouts = [.. posted.Payouts.Select(payout => payout with { Weight = 0, Amount = 0 })],
        };
        await FoundAsync(audits, audits.Federation.IndexOf<PayoutsPosted>(), keptBack, "owes");
    }

    [Fact]
    public async Task Values_that_cannot_be_paid_by_are_found_at_the_payouts()
    {
        byte[][] blobs = [DoubleBlob.Write([1, double.NaN, 3]), DoubleBlob.Write([1, 2, double.PositiveInfinity])];
        foreach (byte[] blob in blobs)
        {
            Audits audits = await Audits.CreateAsync();
            RoundValued valued = audits.Federation.Event<RoundValued>();
            MethodValuation[] valuations = [valued.Valuations[0] with { Values = await audits.Blobs.PutAsync(blob) }, valued.Valuations[1]];
            List<byte[]> entries = audits.With(audits.Federation.IndexOf<RoundValued>(), valued with { Valuations = valuations });
            AuditReport report = await audits.AloneAsync(DoctoredLedger.Consistent(entries));
            Assert.Equal(audits.Federation.IndexOf<PayoutsPosted>(), report.FirstWrongEntry);
            Assert.Contains("cannot follow from the values of 'shapley'", Assert.Single(report.Findings).Problem);
        }
    }

    [Fact]
    public async Task Other_values_under_the_same_payouts_are_found()
    {
        Audits audits = await Audits.CreateAsync();
        RoundValued valued = audits.Federation.Event<RoundValued>();
        // The last bit of one value: no amount changes, but a weight does.
        Digest values = await audits.Blobs.PutAsync(DoubleBlob.Write([Math.BitDecrement(0.5), 0.25, -0.125]));
        MethodValuation[] valuations = [valued.Valuations[0] with { Values = values }, valued.Valuations[1]];
        List<byte[]> entries = audits.With(audits.Federation.IndexOf<RoundValued>(), valued with { Valuations = valuations });
        AuditReport report = await audits.AloneAsync(DoctoredLedger.Consistent(entries));
        Assert.Equal(audits.Federation.IndexOf<PayoutsPosted>(), report.FirstWrongEntry);
    }

    // One unit from each participant to each other one and to nobody, and each weight one up or down.
    static IEnumerable<PayoutsPosted> Changed(PayoutsPosted posted)
    {
        IReadOnlyList<Payout> payouts = posted.Payouts;
        for (int from = 0; from < payouts.Count; from++)
        {
            yield return With(from, payouts[from] with { Weight = payouts[from].Weight + 1 });
            if (payouts[from].Weight > 0)
                yield return With(from, payouts[from] with { Weight = payouts[from].Weight - 1 });
            if (payouts[from].Amount == 0)
                continue;
            PayoutsPosted less = With(from, payouts[from] with { Amount = payouts[from].Amount - 1 });
            yield return less with { Unallocated = posted.Unallocated + 1 };
            for (int to = 0; to < payouts.Count; to++)
            {
                if (to != from)
                    yield return less with { Payouts = Replaced(less.Payouts, to, payouts[to] with { Amount = payouts[to].Amount + 1 }) };
            }
        }

        PayoutsPosted With(int index, Payout payout) => posted with { Payouts = Replaced(payouts, index, payout) };
        static Payout[] Replaced(IReadOnlyList<Payout> payouts, int index, Payout payout) =>
            [.. payouts.Take(index), payout, .. payouts.Skip(index + 1)];
    }

    static async Task FoundAsync(Audits audits, int index, PayoutsPosted changed, string part)
    {
        AuditReport report = await audits.AloneAsync(DoctoredLedger.Consistent(audits.With(index, changed)));
        Assert.Equal(index, report.FirstWrongEntry);
        Assert.Contains(part, Assert.Single(report.Findings).Problem);
    }
}
