using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class QFedAvgTests
{
    [Theory]
    [InlineData(0.1, 0.1, 1.5)]
    [InlineData(0.2, 0.1, 0.01)]
    [InlineData(2, 0.5, 3)]
    [InlineData(5, 1, 0)] // only Flower's 1e-10 is left of the loss
    public void The_model_follows_the_formula_with_its_powers(double q, double rate, double loss)
    {
        RoundUpdates updates = Of(MadeUpRounds.Round(participants: 5), () => loss);
        double lipschitz = 1 / rate, f = loss + 1e-10, h = 0;
        var delta = new double[MadeUpRounds.Weights];
        for (int k = 0; k < updates.Count; k++)
        {
            double[] g = [.. MadeUpRounds.Start.Select((w, i) => lipschitz * ((double)w - updates.Rows.Model(k)[i]))];
            for (int i = 0; i < g.Length; i++)
                delta[i] += Math.Pow(f, q) * g[i];
            h += q * Math.Pow(f, q - 1) * g.Sum(x => x * x) + lipschitz * Math.Pow(f, q);
        }
        var rule = new QFedAvg(q, rate);
        SingleAssert.Close(
            [.. MadeUpRounds.Start.Select((w, i) => w - delta[i] / h)], rule.Aggregate(rule.Start(MadeUpRounds.Weights), updates).Model);
    }

    [Fact]
    public void With_q_of_zero_it_is_the_unweighted_mean()
    {
        RoundUpdates updates = MadeUpRounds.Of([1, 1], [[2, 5], [3, -3], [4, 4]], 100, 1, 1);
        SingleAssert.Close([3, 2], new QFedAvg(0, 0.1).Aggregate(new AggregationState(0, []), updates).Model);
    }

    [Fact]
    public void One_step_by_hand()
    {
        // x = 1 and 3, F = 2, q / (rate F) = 1: 1 + (1 + 3) / ((1 + 1) + (1 + 9)).
        RoundUpdates updates = Of(MadeUpRounds.Of([1], [[2], [4]]), () => 2 - 1e-10);
        SingleAssert.Close([1 + 4.0 / 12], new QFedAvg(1, 0.5).Aggregate(new AggregationState(0, []), updates).Model);
    }

    [Fact]
    public void The_loss_is_measured_once_and_only_for_rules_that_ask()
    {
        int measured = 0;
        RoundUpdates updates = Of(MadeUpRounds.Round(participants: 4), () => Interlocked.Increment(ref measured));
        foreach (string name in AggregationRules.Catalog.Entries.Select(entry => entry.Name).Where(name => name != "qfedavg"))
        {
            AggregationRule rule = AggregationRules.Parse(name);
            rule.Aggregate(rule.Start(MadeUpRounds.Weights), updates);
        }
        Assert.Equal(0, measured);
        var asking = new QFedAvg(0.1, 0.1);
        int[][] coalitions = MadeUpRounds.Coalitions(4);
        Parallel.For(0, coalitions.Length, i => MadeUpRounds.CoalitionModel(asking, asking.Start(1), updates, coalitions[i]));
        Assert.Equal(1, measured);
    }

    [Fact]
    public void Updates_without_a_loss_are_refused_in_a_sentence()
    {
        RoundUpdates updates = Of(MadeUpRounds.Round(participants: 2), null);
        Assert.Equal(
            "This aggregator needs the validation loss of the round's base model, but the updates came without one.",
            Assert.Throws<InvalidOperationException>(() => new QFedAvg(0.1, 0.1).Aggregate(new AggregationState(0, []), updates)).Message);
    }

    static RoundUpdates Of(RoundUpdates updates, Func<double>? loss) => new(updates.Participants, updates.Rows, updates.Examples, loss);
}
