using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;

namespace FedValue.Tests.Federation.Simulation;

public class CohortTests
{
    // Chi-square with 11 degrees of freedom: uniform draws go above for one seed in a million.
    const double OneInAMillion11 = 48.87;

    static SimulationPlan Plan(int participants, decimal participation, long seed = 1) => SimulationPlan.Prepare(new SimulationOptions
    {
        Participants = participants, Participation = participation, Partition = "iid", Policy = "equal", Methods = [], Seed = seed,
    });

    [Theory]
    [InlineData(5, 0.6, 3)]
    [InlineData(100, 0.29, 29)] // 28.999... in binary
    [InlineData(100, 0.57, 57)]
    [InlineData(10, 0.99, 9)]
    [InlineData(10, 1, 10)]
    [InlineData(8, 0.01, 1)]
    [InlineData(1, 0.5, 1)]
    public void A_round_invites_its_share_rounded_down_but_at_least_one(int participants, double participation, int size)
    {
        SimulationPlan plan = Plan(participants, (decimal)participation);
        Assert.Equal(size, plan.CohortSize);
        foreach (int round in new[] { 1, 2, 1000 })
        {
            IReadOnlyList<int> cohort = plan.Cohort(round);
            Assert.Equal(size, cohort.Count);
            Assert.Equal(cohort.Distinct().Order(), cohort);
            Assert.All(cohort, k => Assert.InRange(k, 0, participants - 1));
        }
    }

    [Fact]
    public void Cohorts_are_drawn_from_seed_and_round()
    {
        SimulationPlan plan = Plan(12, 0.25m);
        string[] cohorts = [.. Enumerable.Range(1, 20).Select(round => string.Join(",", plan.Cohort(round)))];
        Assert.InRange(cohorts.Distinct().Count(), 10, 20); // of 220 possible ones
        Assert.Equal(cohorts.Reverse(), Enumerable.Range(1, 20).Reverse().Select(round => string.Join(",", Plan(12, 0.25m).Cohort(round))));
        Assert.NotEqual(cohorts, Enumerable.Range(1, 20).Select(round => string.Join(",", Plan(12, 0.25m, seed: 2).Cohort(round))));
    }

    [Fact]
    public void Everybody_is_invited_equally_often()
    {
        const int rounds = 12_000;
        SimulationPlan plan = Plan(12, 0.1m); // one at a time
        var counts = new int[12];
        for (int round = 1; round <= rounds; round++)
            counts[plan.Cohort(round).Single()]++;
        Assert.InRange(counts.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), 0, OneInAMillion11);
    }

    [Fact]
    public void An_auditor_draws_the_same_cohorts_and_tells_others()
    {
        SimulationPlan plan = Plan(12, 0.25m);
        var state = new FederationState();
        state.Apply(Created(plan));
        string[] ids = [.. plan.Participants.Select(participant => participant.Id)];
        foreach (string id in ids)
            state.Apply(new ParticipantEnrolled(id, 1, 0));
        for (int round = 1; round <= 30; round++)
        {
            RoundOpened opened = new(round, default, "fedavg", [.. plan.Cohort(round).Select(k => ids[k])], 0);
            Assert.Null(CohortDraw.Problem(opened, state));
            string[] others = [.. ids.Except(opened.Cohort)];
            Assert.NotNull(CohortDraw.Problem(opened with { Cohort = [.. opened.Cohort.Skip(1)] }, state));
            Assert.NotNull(CohortDraw.Problem(opened with { Cohort = [.. opened.Cohort.Skip(1).Append(others[round % 9]).Order()] }, state));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("0.5\0")]
    [InlineData("half")]
    public void A_scenario_without_its_participation_cannot_be_drawn_from(string? participation)
    {
        SimulationPlan plan = Plan(4, 1);
        IEnumerable<ScenarioOption> rest = plan.Creation.Scenario.Where(option => option.Option != "participation");
        FederationCreated created = Created(plan) with
        {
            Scenario = participation is null ? [.. rest] : [.. rest, new ScenarioOption("participation", participation)],
        };
        RoundOpened opened = new(1, default, "fedavg", [.. plan.Participants.Select(participant => participant.Id)], 0);
        Assert.Contains("participation must be", CohortDraw.Problem(opened, After(created)));
        Assert.Null(CohortDraw.Problem(opened, After(created with { Scenario = [] }))); // not a simulation: whoever was invited

        FederationState After(FederationCreated first)
        {
            var state = new FederationState();
            state.Apply(first);
            foreach (SimulatedParticipant participant in plan.Participants)
                state.Apply(new ParticipantEnrolled(participant.Id, 1, 0));
            return state;
        }
    }

    static FederationCreated Created(SimulationPlan plan) =>
        new("simulation", 1, plan.Creation.Terms, default, default, default, plan.Creation.Scenario, 0);

    [Fact]
    public void A_round_larger_than_a_ledger_takes_is_refused()
    {
        using var file = new CsvFile("x,y\n" + string.Concat(Enumerable.Range(0, 7000).Select(i => $"{i % 7},{(i % 2 == 0 ? 'a' : 'b')}\n")));
        var options = new SimulationOptions
        {
            Dataset = file.Spec("label=y"), Participants = 5001, Partition = "iid", Validation = 0.1m, Test = 0, Corrupt = [],
        };
        Assert.Equal(
            "A round takes at most 5000 participants, but 5001 would be invited; lower --participation.",
            Refusal.Of(() => SimulationPlan.Prepare(options)));
    }
}
