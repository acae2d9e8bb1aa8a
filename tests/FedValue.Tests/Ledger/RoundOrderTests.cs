using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger;

public class RoundOrderTests
{
    static readonly SmallFederation Federation = new();
    static readonly Digest Stranger = Digest.Of("stranger"u8);

    [Fact]
    public void A_round_opens_in_turn_from_the_current_model_with_an_aggregator_of_the_terms()
    {
        RoundOpened opened = Federation.Event<RoundOpened>();
        Refused<RoundOpened>(opened with { Round = 0 }, "Expected round 1");
        Refused<RoundOpened>(opened with { Round = 2 }, "Expected round 1");
        Refused<RoundOpened>(opened with { Model = Stranger }, "current model");
        Refused<RoundOpened>(opened with { Aggregator = "fedprox" }, "'fedprox'");
        Refused<UpdateAccepted>(opened with { Round = 2 }, "still in progress");
        RoundOpened second = Federation.Event<RoundOpened>(1);
        Refused<RoundOpened>(second with { Model = opened.Model }, "current model", 1);
    }

    [Fact]
    public void A_cohort_is_enrolled_sorted_and_not_empty()
    {
        RoundOpened opened = Federation.Event<RoundOpened>();
        Refused<RoundOpened>(opened with { Cohort = [] }, "invites 0");
        Refused<RoundOpened>(opened with { Cohort = ["ada", "eve"] }, "'eve', who is not enrolled");
        Refused<RoundOpened>(opened with { Cohort = ["bob", "ada"] }, "'ada' follows 'bob'");
        Refused<RoundOpened>(opened with { Cohort = ["ada", "ada"] }, "'ada' follows 'ada'");
        // Ordinal order: capitals come first.
        Refused<RoundOpened>(Federation.Event<RoundOpened>(1) with { Cohort = ["ada", "Dan"] }, "'Dan' follows 'ada'", 1);
    }

    [Fact]
    public void A_cohort_of_five_thousand_is_the_largest()
    {
        FederationState state = Federation.StateAfter(1);
        string[] everybody = [.. Enumerable.Range(0, FederationState.CohortMax + 1).Select(i => $"p{i:d4}")];
        foreach (string participant in everybody)
            state.Apply(new ParticipantEnrolled(participant, 1, 0));
        RoundOpened opened = Federation.Event<RoundOpened>();
        Assert.Throws<LedgerOrderException>(() => state.Apply(opened with { Cohort = everybody }));
        state.Apply(opened with { Cohort = everybody[1..] });
    }

    [Fact]
    public void An_update_is_accepted_once_from_the_invited_within_what_they_declared()
    {
        UpdateAccepted accepted = Federation.Event<UpdateAccepted>();
        Refused<UpdateAccepted>(accepted with { Round = 2 }, "not in progress");
        Refused<UpdateAccepted>(accepted with { Participant = "eve" }, "did not invite 'eve'");
        Refused<UpdateAccepted>(accepted with { Examples = 0 }, "claims 0");
        Refused<UpdateAccepted>(accepted with { Examples = 21 }, "claims 21");
        Refused<UpdateAccepted>(accepted with { Bytes = 0 }, "at least 1 byte");
        Refused<RoundAggregated>(accepted, "already has an update of 'bob'");
        Refused<RoundValued>(accepted, "takes no more updates");
        Refused<RoundOpened>(accepted, "not in progress");
        Federation.StateAfter(Federation.IndexOf<UpdateAccepted>()).Apply(accepted with { Examples = 20, Bytes = 1 });
    }

    [Fact]
    public void An_enrolled_participant_that_was_not_invited_cannot_send()
    {
        int opened = Federation.IndexOf<RoundOpened>(1);
        UpdateAccepted uninvited = Federation.Event<UpdateAccepted>(3) with { Participant = "ada", Examples = 1 };
        FederationStateTests.Refused(opened + 1, uninvited, "did not invite 'ada'");
    }

    [Fact]
    public void A_refusal_names_the_open_round_and_a_reason()
    {
        UpdateRefused refusal = Federation.Event<UpdateRefused>();
        Refused<UpdateRefused>(refusal with { Round = 2 }, "not in progress");
        Refused<UpdateRefused>(refusal with { Reason = "" }, "without a reason");
        Refused<UpdateRefused>(refusal with { Participant = "eve" }, "did not invite 'eve'");
        Refused<RoundValued>(refusal, "takes no more updates");
        FederationState state = Federation.StateAfter(Federation.IndexOf<UpdateRefused>());
        state.Apply(refusal with { Participant = "cyd", Detail = "" });
        Assert.Equal(3, state.Round!.Accepted.Count);
    }

    [Fact]
    public void An_aggregation_counts_the_accepted_updates()
    {
        RoundAggregated aggregated = Federation.Event<RoundAggregated>();
        Refused<RoundAggregated>(aggregated with { Round = 2 }, "not in progress");
        Refused<RoundAggregated>(aggregated with { Updates = 2 }, "has 3 accepted updates");
        Refused<RoundValued>(aggregated, "was aggregated");
    }

    [Fact]
    public void A_round_without_updates_can_be_closed_valued_and_paid()
    {
        FederationState state = Federation.StateAfter(Federation.IndexOf<UpdateAccepted>());
        state.Apply(Federation.Event<RoundAggregated>() with { Updates = 0 });
        state.Apply(Federation.Event<RoundValued>());
        state.Apply(Federation.Event<PayoutsPosted>() with { Unallocated = 1000, Payouts = [] });
        Assert.Equal((1, 1000L), (state.RoundsPaid, state.Unallocated));
    }

    [Fact]
    public void A_round_in_progress_can_be_abandoned_until_it_is_valued_and_its_number_is_not_given_again()
    {
        RoundOpened opened = Federation.Event<RoundOpened>();
        RoundAbandoned abandoned = new(1, opened.Model, "It never ends.", 9);
        Refused<RoundOpened>(abandoned, "not in progress");
        Refused<UpdateAccepted>(abandoned with { Round = 2 }, "not in progress");
        Refused<UpdateAccepted>(abandoned with { Model = Stranger }, "that it began with");
        Refused<UpdateAccepted>(abandoned with { Reason = " " }, "without a reason");
        Refused<PayoutsPosted>(abandoned, "right after its valuation");
        int[] places = [Federation.IndexOf<UpdateAccepted>(), Federation.IndexOf<RoundAggregated>(), Federation.IndexOf<RoundValued>()];
        foreach (int during in places)
        {
            FederationState state = Federation.StateAfter(during);
            state.Apply(abandoned);
            Assert.Equal((0, 1, null, opened.Model), (state.RoundsPaid, state.LastRound, state.Round, state.CurrentModel));
            Assert.Equal(0, state.Balances.Values.Sum() + state.Unallocated);
            Assert.Throws<LedgerOrderException>(() => state.Apply(Federation.Event<RoundAggregated>()));
            Assert.Throws<LedgerOrderException>(() => state.Apply(abandoned));
            Assert.Throws<LedgerOrderException>(() => state.Apply(opened));
            state.Apply(opened with { Round = 2 });
            Assert.Null(state.Round!.AggregatorState); // that of before the abandoned round
        }
    }

    [Fact]
    public void A_valuation_follows_the_aggregation_with_the_methods_of_the_terms()
    {
        RoundValued valued = Federation.Event<RoundValued>();
        Refused<RoundValued>(valued with { Round = 2 }, "not in progress");
        Refused<RoundValued>(valued with { Valuations = [.. valued.Valuations.Reverse()] }, "shapley, leave-one-out");
        Refused<RoundValued>(valued with { Valuations = [valued.Valuations[0]] }, "shapley, leave-one-out");
        Refused<RoundAggregated>(valued, "after its aggregation");
        Refused<PayoutsPosted>(valued, "right after its valuation");
    }

    [Fact]
    public void Payouts_follow_the_valuation_at_once_and_divide_the_budget_of_the_terms()
    {
        PayoutsPosted posted = Federation.Event<PayoutsPosted>();
        Refused<RoundValued>(posted, "not valued yet");
        Refused<RoundOpened>(posted, "not in progress");
        Refused<PayoutsPosted>(posted with { Round = 2 }, "not in progress");
        Refused<PayoutsPosted>(posted with { PayBy = "leave-one-out" }, "'leave-one-out'");
        Refused<PayoutsPosted>(posted with { Policy = "equal" }, "equal");
        Refused<PayoutsPosted>(posted with { Budget = 999 }, "999");
        Refused<PayoutsPosted>(posted with { Payouts = [.. posted.Payouts.Reverse()] }, "ordinal order");
        Refused<PayoutsPosted>(posted with { Payouts = [.. posted.Payouts.Skip(1)] }, "each accepted update once");
        Refused<PayoutsPosted>(posted with { Unallocated = 1 }, "sum to 1001");
        Payout[] oneTooMany = [new("ada", 1, 501), new("bob", 1, 500), new("cyd", 0, 0)];
        Refused<PayoutsPosted>(posted with { Unallocated = -1, Payouts = oneTooMany }, "-1");
        Refused<PayoutsPosted>(posted with { Payouts = [new("ada", 1, 1001), new("bob", 1, -1), new("cyd", 0, 0)] }, "never negative");
        Refused<PayoutsPosted>(posted with { Payouts = [new("ada", 1, 1000), new("bob", -1, 0), new("cyd", 0, 0)] }, "never negative");
        Payout[] overflowing = [new("ada", 1, long.MaxValue), new("bob", 1, long.MaxValue), new("cyd", 0, 1002)];
        Refused<PayoutsPosted>(posted with { Payouts = overflowing }, "sum to 18446744073709552616");
    }

    [Fact]
    public void A_balance_never_overflows()
    {
        FederationTerms terms = SmallFederation.Terms with { Payment = SmallFederation.Terms.Payment with { Budget = long.MaxValue } };
        FederationState state = new();
        foreach (LedgerEvent e in Federation.Events.Take(Federation.IndexOf<PayoutsPosted>()))
            state.Apply(e is FederationCreated created ? created with { Terms = terms } : e);
        PayoutsPosted first = Federation.Event<PayoutsPosted>() with
        {
            Budget = long.MaxValue,
            Payouts = [new("ada", 0, 0), new("bob", 0, 0), new("cyd", 1, long.MaxValue)],
        };
        state.Apply(first);
        (int firstPaid, int secondPaid) = (Federation.IndexOf<PayoutsPosted>(), Federation.IndexOf<PayoutsPosted>(1));
        foreach (LedgerEvent e in Federation.Events.Take(secondPaid).Skip(firstPaid + 1))
            state.Apply(e);

        PayoutsPosted second = Federation.Event<PayoutsPosted>(1) with { Budget = long.MaxValue };
        Payout[] tooMuch = [new("Dan", 1, long.MaxValue - 1), new("cyd", 1, 1)];
        Assert.Throws<LedgerOrderException>(() => state.Apply(second with { Payouts = tooMuch }));
        Assert.Equal((long.MaxValue, 0), (state.Balances["cyd"], state.Balances["Dan"]));
        state.Apply(second with { Payouts = [new("Dan", 1, long.MaxValue), new("cyd", 0, 0)] });
        Assert.Equal((long.MaxValue, long.MaxValue), (state.Balances["cyd"], state.Balances["Dan"]));
    }

    [Fact]
    public void A_federation_closes_between_rounds_with_the_current_model_and_for_good()
    {
        FederationClosed closed = Federation.Event<FederationClosed>();
        Refused<FederationClosed>(closed with { Rounds = 1 }, "2 rounds were paid");
        Refused<FederationClosed>(closed with { Model = Stranger }, "current model");
        Refused<RoundAggregated>(closed, "still in progress");
        FederationStateTests.Refused(Federation.Events.Count, closed, "closed");
        FederationState unused = Federation.StateAfter(1);
        unused.Apply(new FederationClosed(0, Federation.Event<FederationCreated>().Model, 0));
        Assert.True(unused.IsClosed);
    }

    // The event comes where an event of the type T was due.
    static void Refused<T>(LedgerEvent e, string part, int occurrence = 0) =>
        FederationStateTests.Refused(Federation.IndexOf<T>(occurrence), e, part);
}
