using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger;

public class FederationStateTests
{
    static readonly SmallFederation Federation = new();
    static readonly Digest Stranger = Digest.Of("stranger"u8);

    [Fact]
    public void A_whole_federation_folds_into_its_balances()
    {
        FederationState state = Federation.StateAfter(Federation.Events.Count);
        Assert.Equal("wards", state.Created!.Federation);
        Assert.Equal(SmallFederation.Terms, state.Terms);
        Assert.Equal(["Dan", "ada", "bob", "cyd"], state.Participants.Keys);
        Assert.Equal(["Dan", "ada", "bob", "cyd"], state.Balances.Keys);
        Assert.Equal([750, 667, 333, 250], state.Balances.Values);
        Assert.Equal(0, state.Unallocated);
        Assert.Equal(2, state.RoundsPaid);
        Assert.Null(state.Round);
        Assert.True(state.IsClosed);
        Assert.Equal(Federation.Event<FederationClosed>().Model, state.CurrentModel);
    }

    [Fact]
    public void A_round_in_progress_shows_its_accepted_updates_in_ordinal_order()
    {
        FederationState state = Federation.StateAfter(Federation.IndexOf<PayoutsPosted>());
        RoundState round = Assert.IsType<RoundState>(state.Round);
        Assert.Equal(1, round.Number);
        Assert.Equal(Federation.Event<RoundOpened>(), round.Opened);
        Assert.Equal(["ada", "bob", "cyd"], round.Accepted.Keys);
        Assert.Equal([10, 20, 5], round.Accepted.Values.Select(update => update.Examples));
        Assert.Equal(Federation.Event<RoundAggregated>(), round.Aggregated);
        Assert.Equal(Federation.Event<RoundValued>(), round.Valued);
        Assert.Equal(round.Aggregated!.Model, state.CurrentModel);
    }

    [Fact]
    public void Participants_joined_in_the_round_of_their_first_accepted_update_whenever_they_enrolled()
    {
        FederationState enrolled = Federation.StateAfter(4);
        Assert.Empty(enrolled.JoinedIn);
        FederationState state = Federation.StateAfter(Federation.Events.Count);
        Assert.Equal(["Dan", "ada", "bob", "cyd"], state.JoinedIn.Keys);
        Assert.Equal([2, 1, 1, 1], state.JoinedIn.Values);
    }

    [Fact]
    public void A_round_opens_with_what_methods_remembered_after_the_one_before()
    {
        Assert.Null(Federation.StateAfter(Federation.IndexOf<RoundOpened>() + 1).Round!.Memory);
        RoundState second = Federation.StateAfter(Federation.IndexOf<RoundOpened>(1) + 1).Round!;
        Assert.NotNull(second.Memory);
        Assert.Equal(Federation.Event<RoundValued>().Memory, second.Memory);
    }

    [Fact]
    public void An_empty_ledger_has_no_terms_and_no_model()
    {
        FederationState state = new();
        Assert.Null(state.Created);
        Assert.Throws<InvalidOperationException>(() => state.Terms);
        Assert.Throws<InvalidOperationException>(() => state.CurrentModel);
    }

    [Fact]
    public void A_copy_goes_its_own_way()
    {
        FederationState state = Federation.StateAfter(3);
        FederationState copy = state.Clone();
        copy.Apply(Federation.Events[3]);
        Assert.Equal(2, state.Participants.Count);
        Assert.Equal(3, copy.Participants.Count);
    }

    [Fact]
    public void A_budget_that_nobody_earned_is_counted()
    {
        FederationState state = Federation.StateAfter(Federation.IndexOf<PayoutsPosted>());
        PayoutsPosted nothing = Federation.Event<PayoutsPosted>() with
        {
            Unallocated = 1000,
            Payouts = [new("ada", 0, 0), new("bob", 0, 0), new("cyd", 0, 0)],
        };
        state.Apply(nothing);
        Assert.Equal(1000, state.Unallocated);
        Assert.All(state.Balances.Values, balance => Assert.Equal(0, balance));
    }

    [Fact]
    public void Events_come_from_the_first_to_the_last_and_no_other_order_is_possible()
    {
        IReadOnlyList<LedgerEvent> events = Federation.Events;
        for (int i = 0; i < events.Count; i++)
        {
            for (int j = 0; j < events.Count; j++)
            {
                // Enrolments and refusals are the only events that may come early, late or twice.
                if (j == i || events[j] is ParticipantEnrolled or UpdateRefused || MaySwap(events[i], events[j]))
                    continue;
                Assert.Throws<LedgerOrderException>(() => Federation.StateAfter(i).Apply(events[j]));
            }
        }

        static bool MaySwap(LedgerEvent due, LedgerEvent early) => (due, early) switch
        {
            // Updates arrive in any order; a round need not wait for late enrolments or refusals.
            (UpdateAccepted a, UpdateAccepted b) => a.Round == b.Round && string.CompareOrdinal(a.Participant, b.Participant) != 0,
            (UpdateRefused refusal, RoundAggregated aggregated) => refusal.Round == aggregated.Round,
            (ParticipantEnrolled late, RoundOpened opened) => opened.Round == 2 && !opened.Cohort.Contains(late.Participant),
            _ => false,
        };
    }

    [Fact]
    public void The_first_event_creates_the_federation_and_no_other_does()
    {
        Refused(0, Federation.Events[1], "the beginning of a federation as the first event, but the enrolment of");
        Refused(1, Federation.Events[0], "exists already");
    }

    [Fact]
    public void What_came_at_the_wrong_time_is_said_in_words()
    {
        foreach (LedgerEvent e in Federation.Events)
        {
            var late = Assert.Throws<LedgerOrderException>(() => Federation.StateAfter(Federation.Events.Count).Apply(e));
            Assert.StartsWith("The federation is closed, so nothing may follow, but ", late.Message);
            Assert.DoesNotContain(e.GetType().Name, late.Message);
            Assert.DoesNotContain("unknown", late.Message);
        }
        Refused(Federation.Events.Count, Federation.Event<RoundOpened>(), "but the opening of round 1 came");
    }

    [Fact]
    public void Impossible_terms_are_refused()
    {
        FederationTerms terms = SmallFederation.Terms;
        RefusedTerms(terms with { Seed = -1 }, "seed");
        RefusedTerms(terms with { Seed = 1L << 53 }, "seed");
        RefusedTerms(terms with { Aggregators = [] }, "aggregator");
        RefusedTerms(terms with { Methods = ["shapley", "shapley"] }, "once");
        RefusedTerms(terms with { Methods = [] }, "'shapley'");
        RefusedTerms(terms with { Payment = terms.Payment with { PayBy = "" } }, "must be one of the methods");
        RefusedTerms(terms with { Payment = terms.Payment with { Policy = "equal" } }, "leave it empty");
        RefusedTerms(terms with { Payment = terms.Payment with { Policy = "by-size" } }, "leave it empty");
        RefusedTerms(terms with { Methods = ["leave-one-out"] }, "'shapley'");
        RefusedTerms(terms with { Payment = terms.Payment with { Budget = -1 } }, "-1");
        RefusedTerms(terms with { Payment = terms.Payment with { Policy = "fair" } }, "'fair'");
        RefusedTerms(terms with { Payment = terms.Payment with { IfNonePositive = "burn" } }, "'burn'");
        new FederationState().Apply(Created(terms with { Seed = (1L << 53) - 1, Payment = terms.Payment with { Budget = 0 } }));
        new FederationState().Apply(Created(terms with { Payment = terms.Payment with { PayBy = "", Policy = "by-size" } }));

        static FederationCreated Created(FederationTerms terms) => Federation.Event<FederationCreated>() with { Terms = terms };
        static void RefusedTerms(FederationTerms terms, string part) => Refused(0, Created(terms), part);
    }

    [Fact]
    public void A_participant_enrols_once_with_a_valid_id_and_some_examples()
    {
        Refused(2, new ParticipantEnrolled("bob", 5, 0), "enrolled already");
        Refused(2, new ParticipantEnrolled("", 5, 0), "must not be empty");
        Refused(2, new ParticipantEnrolled("a b", 5, 0), "another character");
        Refused(2, new ParticipantEnrolled(ParticipantId.Unallocated, 5, 0), "account");
        Refused(2, new ParticipantEnrolled("..", 5, 0), "folder");
        Refused(2, new ParticipantEnrolled("eve", 0, 0), "declared 0");
        Refused(2, new ParticipantEnrolled("eve", FederationState.DeclaredExamplesMax + 1, 0), "declared 9007199254740992");
        Federation.StateAfter(2).Apply(new ParticipantEnrolled("Bob", FederationState.DeclaredExamplesMax, 0));
    }

    [Fact]
    public void Participants_may_enrol_during_a_round_but_not_between_its_valuation_and_its_payment()
    {
        ParticipantEnrolled late = new("eve", 5, 0);
        foreach (int during in new[] { Federation.IndexOf<UpdateAccepted>(), Federation.IndexOf<RoundValued>() })
            Federation.StateAfter(during).Apply(late);
        Refused(Federation.IndexOf<PayoutsPosted>(), late, "right after its valuation");
        Refused(Federation.Events.Count, late, "closed");
    }

    [Fact]
    public void A_refused_event_changes_nothing()
    {
        int refused = 0;
        for (int i = 1; i <= Federation.Events.Count; i++)
        {
            foreach (LedgerEvent e in Federation.Events.Append(new FederationClosed(2, Stranger, 0)))
            {
                FederationState state = Federation.StateAfter(i);
                var before = Everything(state);
                if (Record.Exception(() => state.Apply(e)) is null)
                    continue;
                Assert.Equal(before, Everything(state));
                refused++;
            }
        }

        Assert.True(refused > 300);

        static object?[] Everything(FederationState state) =>
        [
            state.Created, state.Participants, state.CurrentModel, state.Round,
            state.RoundsPaid, state.RoundsAbandoned, state.Balances, state.Unallocated, state.IsClosed,
        ];
    }

    internal static void Refused(int after, LedgerEvent e, string part)
    {
        LedgerOrderException refused = Assert.Throws<LedgerOrderException>(() => Federation.StateAfter(after).Apply(e));
        Assert.Contains(part, refused.Message);
    }
}
