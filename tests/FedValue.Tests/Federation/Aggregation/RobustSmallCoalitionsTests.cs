using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>What the robust and the adaptive rules say about small coalitions stands on the ledger; here they are held to their words.</summary>
public class RobustSmallCoalitionsTests
{
    static readonly int[][] Small = [[0], [3], [0, 2], [1, 3], [0, 1, 3]];

    static RoundUpdates Updates { get; } = MadeUpRounds.Round(participants: 7);

    [Fact]
    public void FedTrimmedAvg_cuts_nothing_where_the_share_comes_to_none()
    {
        var rule = new FedTrimmedAvg(0.2);
        Assert.Equal(
            "empty: the round's base model; n members: int(0.2 n) values are cut at either end of each weight; where that is 0, none is, "
            + "and it is the unweighted mean of their models", rule.SmallCoalitions);
        foreach (int[] coalition in (int[][])[.. Small, [0, 1, 2, 3]])
            SingleAssert.Close(Mean(coalition), Model(rule, coalition));
        double[] ofFive = [.. Enumerable.Range(0, MadeUpRounds.Weights).Select(i =>
            Enumerable.Range(0, 5).Select(k => (double)Updates.Rows.Model(k)[i]).Order().Skip(1).Take(3).Average())];
        SingleAssert.Close(ofFive, Model(rule, 0, 1, 2, 3, 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Krum_takes_one_model_as_it_is_and_of_two_the_first(int byzantine)
    {
        var rule = new Krum(byzantine);
        Assert.Equal(
            $"empty: the round's base model; one member: its model; n members: scores over the max(1, n-{byzantine}-2) nearest others; "
            + "of equal scores the first in the order of participants wins, so of two members the first's model", rule.SmallCoalitions);
        foreach (int[] coalition in (int[][])[[0], [4], [2, 5], [0, 6]])
            Assert.Equal(Bits.Of(Updates.Rows.Model(coalition[0])), Bits.Of(Model(rule, coalition)));
    }

    [Fact]
    public void Krum_takes_the_first_of_three_nearest_pairs()
    {
        RoundUpdates updates = MadeUpRounds.Of([0], [[9], [1], [2]]);
        Assert.Equal([1f], MadeUpRounds.CoalitionModel(new Krum(0), new AggregationState(0, []), updates, 0, 1, 2));
    }

    [Fact]
    public void MultiKrum_takes_the_weighted_mean_of_a_coalition_it_keeps_whole()
    {
        var rule = new MultiKrum(byzantine: 1, keep: 3);
        Assert.Equal(
            "empty: the round's base model; up to 3 members: the weighted mean of their models; n members: scores over the "
            + "max(1, n-1-2) nearest others; of equal scores the first in the order of participants wins", rule.SmallCoalitions);
        foreach (int[] coalition in Small)
            Assert.Equal(Bits.Of(Model(new FedAvg(), coalition)), Bits.Of(Model(rule, coalition)));
        Assert.NotEqual(Bits.Of(Model(new FedAvg(), 0, 1, 2, 3)), Bits.Of(Model(rule, 0, 1, 2, 3)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 7)]
    [InlineData(2, 11)]
    public void Bulyan_falls_back_to_the_median_below_its_number(int byzantine, int fewest)
    {
        var rule = new Bulyan(byzantine);
        Assert.Equal(
            $"empty: the round's base model; fewer than {fewest} members: the median of their models as by fedmedian; {fewest} or more: "
            + "Bulyan, where of equal scores the first in the order of participants wins, and of values as far from the median the smaller",
            rule.SmallCoalitions);
        for (int n = 1; n <= 7; n++)
        {
            int[] coalition = Updates.Everyone[..n];
            bool median = Bits.Of(Model(new FedMedian(), coalition)).SequenceEqual(Bits.Of(Model(rule, coalition)));
            Assert.Equal(n < fewest, median);
        }
    }

    [Fact]
    public void Bulyan_without_malice_is_the_unweighted_mean_at_every_size_and_so_is_its_fallback()
    {
        for (int n = 1; n <= 7; n++)
            SingleAssert.Close(Mean(Updates.Everyone[..n]), Model(new Bulyan(0), Updates.Everyone[..n]));
    }

    [Fact]
    public void QFedAvg_takes_a_step_with_the_sum_of_its_members_and_the_loss_of_everybodys_base_model()
    {
        var rule = new QFedAvg(q: 0.3, learningRate: 0.1);
        Assert.Equal(
            "empty: the round's base model; any other coalition: a q-FedAvg step with the sum of its updates, where the loss is that of "
            + "the round's base model on the validation rows, whoever belongs to the coalition", rule.SmallCoalitions);
        foreach (int[] coalition in Small)
        {
            double divisor = coalition.Sum(k => 1 + 0.3 * 10 / MadeUpRounds.BaseLoss * Updates.SquaredNorm(k));
            SingleAssert.Close(
                [.. MadeUpRounds.Start.Select((w, i) => w + coalition.Sum(k => (double)Updates.Rows.Model(k)[i] - w) / divisor)],
                Model(rule, coalition));
        }
    }

    [Theory]
    [InlineData("fedadagrad", "empty: the round's base model; any other coalition: an Adagrad step with its weighted mean")]
    [InlineData("fedyogi",
        "empty: the round's base model, the moments do not move it; any other coalition: a Yogi step with its weighted mean")]
    public void Adaptive_rules_step_with_the_weighted_mean_of_a_coalition_from_the_state_of_the_round(string spec, string words)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        Assert.Equal(words, rule.SmallCoalitions);
        AggregationState state = rule.Aggregate(rule.Start(MadeUpRounds.Weights), MadeUpRounds.Round(participants: 3, round: 9)).Next;
        foreach (int[] coalition in Small)
        {
            double[] mean = MadeUpRounds.MeanUpdate(Updates, coalition);
            double[] stepped = [.. MadeUpRounds.Start.Select((weight, i) =>
            {
                double d = mean[i], v = state.Vectors[^1][i];
                if (rule is FedAdagrad)
                    return weight + 0.1 * d / (Math.Sqrt(v + d * d) + 1e-3);
                v = v < d * d ? v + 0.01 * d * d : v - 0.01 * d * d;
                return weight + 0.01 * (0.9 * state.Vectors[0][i] + 0.1 * d) / (Math.Sqrt(v) + 1e-3);
            })];
            SingleAssert.Close(stepped, MadeUpRounds.CoalitionModel(rule, state, Updates, coalition));
        }
    }

    static double[] Mean(int[] coalition) => [.. Enumerable.Range(0, MadeUpRounds.Weights).Select(i =>
        coalition.Average(k => (double)Updates.Rows.Model(k)[i]))];

    static float[] Model(AggregationRule rule, params int[] coalition) =>
        MadeUpRounds.CoalitionModel(rule, rule.Start(MadeUpRounds.Weights), Updates, coalition);
}
