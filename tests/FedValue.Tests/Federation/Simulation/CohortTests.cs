using FedValue.Federation.Simulation;

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
    public void A_round_larger_than_a_ledger_takes_is_refused()
    {
        Assert.Equal(400, Plan(401, 0.999m).CohortSize);
        Assert.Equal(
            "A round takes at most 400 participants, but 401 would be invited; lower --participation.", Refusal.Of(() => Plan(401, 1)));
    }
}
