using System.Security.Cryptography;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;
using FedValue.Server.Federations;

namespace FedValue.Server.Tests.Federations;

public sealed class RoundStepTests
{
    static readonly DateTimeOffset Opened = DateTimeOffset.FromUnixTimeSeconds(1_000_000);

    static readonly string[] Keys = [.. Enumerable.Range(0, 4).Select(_ => ParticipantKey.Text(ECDsa.Create(ECCurve.NamedCurves.nistP256)))];

    [Fact]
    public void The_first_round_opens_once_enough_are_enrolled_and_later_ones_at_once()
    {
        var schedule = new RoundSchedule(2, Participants: 2, 0, 1, 0);
        Assert.IsType<RoundStep.Wait>(Next(State(schedule, enrolled: 1)));
        var open = Assert.IsType<RoundStep.Open>(Next(State(schedule, enrolled: 2)));
        Assert.Equal(["p0", "p1"], open.Cohort);
        Assert.IsType<RoundStep.Open>(Next(Paid(State(schedule, enrolled: 2))));
        Assert.IsType<RoundStep.Finish>(Next(Paid(Paid(State(schedule, enrolled: 2)))));
    }

    [Fact]
    public void Who_has_no_valid_key_is_neither_invited_nor_waited_for()
    {
        FederationState state = State(new RoundSchedule(1, 2, 0, 1, 0), enrolled: 3);
        state.Apply(new KeyRevoked("p1", "Lost.", 0));
        Assert.Equal(["p0", "p2"], Assert.IsType<RoundStep.Open>(Next(state)).Cohort);
        Open(state, "p0", "p2");
        Accept(state, "p0");
        Assert.IsType<RoundStep.Wait>(Next(state));
        state.Apply(new KeyRevoked("p2", "Lost too.", 0));
        Assert.IsType<RoundStep.Close>(Next(state));
    }

    [Fact]
    public void A_round_invites_the_first_whom_its_methods_can_value_however_many_are_there()
    {
        FederationState state = State(new RoundSchedule(2, 2, 0, 1, 0), enrolled: 0, "exact");
        int most = TermsChoice.LargestRound(state.Terms);
        string[] ids = [.. Enumerable.Range(0, most + 3).Select(k => $"q{k:00}")];
        foreach (string id in ids)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            state.Apply(new ParticipantEnrolled(id, 10, 0, ParticipantKey.Text(key)));
        }
        Assert.Equal(ids[..most], Assert.IsType<RoundStep.Open>(Next(state)).Cohort);
        state.Apply(new KeyRevoked("q00", "Lost.", 0));
        Assert.Equal(ids[1..(most + 1)], Assert.IsType<RoundStep.Open>(Next(state)).Cohort);
    }

    [Theory]
    [InlineData(2, 1, 0, 1, false)]
    [InlineData(2, 2, 0, 1, true)] // the quorum closes
    [InlineData(0, 2, 0, 1, false)] // everybody is waited for
    [InlineData(0, 3, 0, 1, true)]
    [InlineData(9, 3, 0, 1, true)] // a quorum beyond the cohort is everybody
    [InlineData(0, 1, 60, 2, false)]
    [InlineData(0, 2, 60, 2, true)] // the deadline has passed and enough have reported
    [InlineData(0, 2, 61, 2, false)]
    public void A_round_closes_at_its_quorum_or_after_its_deadline(int quorum, int accepted, long deadline, int minimum, bool closes)
    {
        FederationState state = State(new RoundSchedule(1, 3, quorum, Math.Min(minimum, quorum == 0 ? minimum : quorum), deadline), enrolled: 3);
        Open(state, "p0", "p1", "p2");
        for (int k = 0; k < accepted; k++)
            Accept(state, $"p{k}");
        RoundStep next = RoundStep.Next(state, isCloseAsked: false, Opened.AddSeconds(60));
        Assert.Equal(closes, next is RoundStep.Close);
        if (!closes)
            Assert.Equal(deadline > 60 ? Opened.AddSeconds(deadline) : null, Assert.IsType<RoundStep.Wait>(next).Until);
    }

    [Fact]
    public void Without_a_schedule_only_the_operator_closes_and_never_an_empty_round()
    {
        FederationState state = State(null, enrolled: 2);
        Assert.IsType<RoundStep.Wait>(Next(state));
        Open(state, "p0", "p1");
        Assert.IsType<RoundStep.Wait>(RoundStep.Next(state, isCloseAsked: true, Opened));
        Accept(state, "p0");
        Assert.IsType<RoundStep.Wait>(Next(state));
        Assert.IsType<RoundStep.Close>(RoundStep.Next(state, isCloseAsked: true, Opened));
    }

    [Fact]
    public void An_abandoned_round_is_followed_by_another_one_and_is_not_one_of_the_schedule()
    {
        FederationState state = State(new RoundSchedule(1, 2, 0, 1, 0), enrolled: 2);
        Open(state, "p0", "p1");
        state.Apply(new RoundAbandoned(1, state.CurrentModel, "p1 is gone.", 0));
        state.Apply(new KeyRevoked("p1", "It is gone.", 0));
        Assert.Equal(["p0"], Assert.IsType<RoundStep.Open>(Next(state)).Cohort); // fewer than the first round waits for
        Assert.IsType<RoundStep.Finish>(Next(Paid(state)));
    }

    static RoundStep Next(FederationState state) => RoundStep.Next(state, isCloseAsked: false, Opened);

    static FederationState State(RoundSchedule? schedule, int enrolled, params string[] methods)
    {
        var state = new FederationState();
        state.Apply(new FederationCreated(
            "steps", 1,
            new FederationTerms("softmax", [new AggregatorTerms("fedavg", "")], "validation-loss", methods, new SamplingTerms(2, 2, 0), 0,
                new PaymentTerms(0, "", "equal", "unallocated"), 1, Schedule: schedule),
            default, default, default(Digest), [], 0));
        for (int k = 0; k < enrolled; k++)
            state.Apply(new ParticipantEnrolled($"p{k}", 10, 0, Keys[k]));
        return state;
    }

    static void Open(FederationState state, params string[] cohort) =>
        state.Apply(new RoundOpened(state.LastRound + 1, state.CurrentModel, "fedavg", cohort, Opened.ToUnixTimeMilliseconds()));

    static void Accept(FederationState state, string participant) =>
        state.Apply(new UpdateAccepted(state.LastRound + 1, participant, default, 1, 1, 0, Signature: "signed"));

    static FederationState Paid(FederationState state)
    {
        Open(state, "p0");
        Accept(state, "p0");
        int round = state.LastRound + 1;
        state.Apply(new RoundAggregated(round, 1, default, default, 0, 0));
        state.Apply(new RoundValued(round, default, null, []));
        state.Apply(new PayoutsPosted(round, "", "equal", 0, 0, [new Payout("p0", 1, 0)]));
        return state;
    }
}
