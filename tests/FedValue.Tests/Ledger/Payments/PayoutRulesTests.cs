using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;

namespace FedValue.Tests.Ledger.Payments;

public class PayoutRulesTests
{
    static readonly string[] Three = ["Cyd", "ada", "bob"];
    static readonly PaymentTerms Proportional = new(100, "shapley", PaymentPolicy.Proportional, PaymentPolicy.Unallocated);
    static readonly PaymentTerms Equal = new(100, "", PaymentPolicy.Equal, PaymentPolicy.Unallocated);
    static readonly PaymentTerms BySize = new(100, "", PaymentPolicy.BySize, PaymentPolicy.Unallocated);

    [Fact]
    public void Proportional_pays_by_the_positive_values()
    {
        PayoutsPosted posted = PayoutRules.Post(Proportional, 7, Three, [0.75, -4, 0.25], [1, 2, 3]);
        Assert.Equal((7, "shapley", "proportional"), (posted.Round, posted.PayBy, posted.Policy));
        Assert.Equal((100, 0), (posted.Budget, posted.Unallocated));
        Assert.Equal([new Payout("Cyd", 3L << 51, 75), new Payout("ada", 0, 0), new Payout("bob", 1L << 51, 25)], posted.Payouts);
    }

    [Fact]
    public void Equal_pays_everybody_the_same_without_any_values()
    {
        PayoutsPosted posted = PayoutRules.Post(Equal, 1, Three, [], [1, 2, 3]);
        Assert.Equal(("", "equal"), (posted.PayBy, posted.Policy));
        Assert.Equal([new Payout("Cyd", 1, 34), new Payout("ada", 1, 33), new Payout("bob", 1, 33)], posted.Payouts);
        Assert.Equal(0, posted.Unallocated);
    }

    [Fact]
    public void By_size_pays_by_the_examples()
    {
        PayoutsPosted posted = PayoutRules.Post(BySize, 1, Three, [], [10, 30, 60]);
        Assert.Equal([new Payout("Cyd", 10, 10), new Payout("ada", 30, 30), new Payout("bob", 60, 60)], posted.Payouts);
    }

    [Fact]
    public void A_budget_that_nobody_earned_stays_unallocated()
    {
        PayoutsPosted posted = PayoutRules.Post(Proportional, 1, Three, [0, -4, -0.0], [1, 2, 3]);
        Assert.Equal([new Payout("Cyd", 0, 0), new Payout("ada", 0, 0), new Payout("bob", 0, 0)], posted.Payouts);
        Assert.Equal(100, posted.Unallocated);
    }

    [Fact]
    public void A_budget_that_nobody_earned_goes_to_everybody_if_the_terms_say_so()
    {
        PaymentTerms terms = Proportional with { IfNonePositive = PaymentPolicy.Equal };
        PayoutsPosted posted = PayoutRules.Post(terms, 1, Three, [0, -4, -1], [1, 2, 3]);
        Assert.Equal([new Payout("Cyd", 1, 34), new Payout("ada", 1, 33), new Payout("bob", 1, 33)], posted.Payouts);
        Assert.Equal(0, posted.Unallocated);

        PayoutsPosted earned = PayoutRules.Post(terms, 1, Three, [0, -4, 2], [1, 2, 3]);
        Assert.Equal([new Payout("Cyd", 0, 0), new Payout("ada", 0, 0), new Payout("bob", 1L << 52, 100)], earned.Payouts);
    }

    [Theory]
    [InlineData(PaymentPolicy.Proportional, PaymentPolicy.Unallocated)]
    [InlineData(PaymentPolicy.Equal, PaymentPolicy.Equal)]
    [InlineData(PaymentPolicy.BySize, PaymentPolicy.Equal)]
    public void Without_participants_everything_is_unallocated(string policy, string ifNonePositive)
    {
        PayoutsPosted posted = PayoutRules.Post(new PaymentTerms(100, "shapley", policy, ifNonePositive), 1, [], [], []);
        Assert.Empty(posted.Payouts);
        Assert.Equal(100, posted.Unallocated);
    }

    [Fact]
    public void The_largest_budget_is_paid_to_the_last_unit()
    {
        PayoutsPosted posted = PayoutRules.Post(Proportional with { Budget = long.MaxValue }, 1, Three, [1, 1, 1], [1, 1, 1]);
        Assert.Equal([long.MaxValue / 3 + 1, long.MaxValue / 3, long.MaxValue / 3], posted.Payouts.Select(payout => payout.Amount));
    }

    [Fact]
    public void Unknown_words_are_refused_with_the_known_ones()
    {
        string policy = Refused(Proportional with { Policy = "Proportional" });
        Assert.All(["'proportional'", "'equal'", "'by-size'", "'Proportional'"], word => Assert.Contains(word, policy));
        string ifNonePositive = Refused(Proportional with { IfNonePositive = "burn" });
        Assert.All(["'unallocated'", "'equal'", "'burn'"], word => Assert.Contains(word, ifNonePositive));
        Assert.Contains("-1", Refused(Proportional with { Budget = -1 }));

        static string Refused(PaymentTerms terms) =>
            Assert.Throws<ArgumentException>(() => PayoutRules.Post(terms, 1, Three, [1, 1, 1], [1, 1, 1])).Message;
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PayoutRules.Post(Proportional, 1, Three, [1, 1], [1, 1, 1]));
        Assert.Throws<ArgumentException>(() => PayoutRules.Post(Proportional, 1, Three, [1, 1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => PayoutRules.Post(Proportional, 1, Three, [1, double.NaN, 1], [1, 1, 1]));
        Assert.Throws<ArgumentException>(() => PayoutRules.Post(Equal, 1, Three, [1, 1, 1], [1, 1, 1]));
        Assert.Throws<ArgumentException>(() => PayoutRules.Post(BySize, 1, Three, [1, 1, 1], [1, 1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PayoutRules.Post(BySize, 1, Three, [], [1, -1, 1]));
    }
}
