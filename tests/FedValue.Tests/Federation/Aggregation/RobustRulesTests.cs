using FedValue.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>FedTrimmedAvg, Krum, MultiKrum and Bulyan.</summary>
public class RobustRulesTests
{
    [Theory]
    [InlineData("multikrum:byzantine=1:keep=2", new[] { 0.2f, 0.5f, 1f }, 0.35)] // these two from Flower's tests
    [InlineData("bulyan", new[] { 0.2f, 0.5f, 0.7f, 12f, 0.1f, 0.1f }, 13.6 / 6)]
    [InlineData("fedtrimmedavg", new[] { 9f, 1f, 2f, 3f, -50f }, 2)] // int(0.2 * 5) = 1 at either end
    [InlineData("fedtrimmedavg", new[] { 9f, 1f, 2f, 4f }, 4)] // int(0.2 * 4) = 0
    [InlineData("fedtrimmedavg:beta=0.25", new[] { 9f, 1f, 2f, 4f }, 3)]
    [InlineData("fedtrimmedavg:beta=0.49", new[] { 9f, 1f, 2f, 4f, 100f, -7f, 0f }, 2)] // int(0.49 * 7) = 3: the median
    [InlineData("krum", new[] { 0f, 10f, 11f, 13f }, 11)] // nearest 2: scores 100 + 121, 1 + 9, 1 + 4, 4 + 9
    [InlineData("krum:byzantine=1", new[] { 0f, 10f, 11f, 13f }, 10)] // nearest 1: 100, 1, 1, 4, and the first of the equal ones
    [InlineData("krum:byzantine=9", new[] { 5f, 0f, 4f }, 5)] // still nearest 1
    [InlineData("bulyan:byzantine=1", new[] { 1f, 2f, 3f, 4f, 5f, 6f, 1000f }, 3)] // 1 ties with 6 and is first: 1 .. 5, nearest to 3
    [InlineData("bulyan:byzantine=1", new[] { 6f, 2f, 3f, 4f, 5f, 1f, 1000f }, 4)] // now 6 is first: 2 .. 6, nearest to 4
    public void One_weight_by_hand(string spec, float[] models, double expected) =>
        SingleAssert.Close([expected], Aggregate(AggregationRules.Parse(spec), Of(models)));

    [Theory]
    [InlineData("krum", 0)]
    [InlineData("krum:byzantine=1", 5)]
    [InlineData("multikrum:byzantine=2:keep=3", 7)]
    [InlineData("bulyan", 0)]
    [InlineData("bulyan:byzantine=2", 11)]
    [InlineData("fedavg", 0)]
    public void Rules_know_from_how_many_updates_on_they_withstand_what_they_are_set_for(string spec, int updates) =>
        Assert.Equal(updates, AggregationRules.Parse(spec).UpdatesToWithstand);

    [Theory]
    // Eleven participants, three weights, k + 1 examples each: computed once with NumPy, sorting and selecting in full.
    [InlineData("krum", new[] { 0.0, -0.25, -0.5 })]
    [InlineData("krum:byzantine=2", new[] { 0.5, 1.0, 1.5 })]
    [InlineData("multikrum:keep=4", new[] { 0.17391304347826086, -0.13043478260869565, 0.6739130434782609 })]
    [InlineData("bulyan", new[] { -0.3409090909090909, -0.11363636363636363, 0.5 })]
    [InlineData("bulyan:byzantine=2", new[] { 0.08333333333333333, 0.25, 1.5833333333333333 })]
    [InlineData("fedtrimmedavg", new[] { -0.32142857142857145, -0.10714285714285714, 0.6071428571428571 })]
    [InlineData("qfedavg", new[] { 0.12878787878145564, -0.42074592074172096, 0.8974358974304625 })]
    public void Eleven_participants_as_NumPy_has_it(string spec, double[] expected)
    {
        float[][] models = [.. Enumerable.Range(0, 11).Select(k =>
            Enumerable.Range(0, 3).Select(i => ((7 * k + 3 * i + k * k * (i + 1)) % 17 - 8) / 4f).ToArray())];
        RoundUpdates updates = MadeUpRounds.Of([0.25f, -0.5f, 1], models, [.. Enumerable.Range(1, 11).Select(k => (long)k)]);
        SingleAssert.Close(expected, Aggregate(AggregationRules.Parse(spec), updates));
    }

    [Theory]
    [InlineData("fedtrimmedavg", false)]
    [InlineData("krum", false)]
    [InlineData("bulyan", false)]
    [InlineData("bulyan:byzantine=1", false)]
    [InlineData("qfedavg", false)]
    [InlineData("multikrum:keep=3", true)]
    [InlineData("fedadagrad", true)]
    [InlineData("fedyogi", true)]
    public void Numbers_of_examples_count_only_where_a_rule_weighs_by_them(string spec, bool weighs)
    {
        float[][] models = [.. Enumerable.Range(0, 7).Select(k => MadeUpRounds.Round(7).Rows.Model(k).ToArray())];
        uint[] Model(params long[] examples) =>
            Bits.Of(Aggregate(AggregationRules.Parse(spec), MadeUpRounds.Of(MadeUpRounds.Start, models, examples)));
        Assert.Equal(weighs, !Model(1, 1, 1, 1, 1, 1, 1).SequenceEqual(Model(1, 2, 3, 400, 5, 60, 7)));
    }

    [Theory]
    [InlineData("fedmedian")]
    [InlineData("fedtrimmedavg")]
    [InlineData("krum")]
    [InlineData("krum:byzantine=2")]
    [InlineData("bulyan")]
    [InlineData("bulyan:byzantine=1")]
    public void The_names_of_participants_change_no_bit_where_no_scores_are_equal(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        float[][] models = [.. Enumerable.Range(0, 7).Select(k => MadeUpRounds.Round(7).Rows.Model(k).ToArray())];
        uint[] bits = Bits.Of(Aggregate(rule, MadeUpRounds.Of(MadeUpRounds.Start, models)));
        foreach (int[] order in new[] { (int[])[6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 1, 5, 2, 4], [1, 2, 3, 4, 5, 6, 0] })
            Assert.Equal(bits, Bits.Of(Aggregate(rule, MadeUpRounds.Of(MadeUpRounds.Start, [.. order.Select(k => models[k])]))));
    }

    [Theory]
    [InlineData("fedmedian")]
    [InlineData("krum:byzantine=2")]
    [InlineData("multikrum:byzantine=2:keep=3")]
    [InlineData("bulyan:byzantine=1")]
    [InlineData("fedtrimmedavg:beta=0.3")]
    public void Poison_of_a_few_moves_a_robust_rule_no_further_than_the_honest_reach(string spec)
    {
        float[][] models = [.. Enumerable.Range(0, 7).Select(k => MadeUpRounds.Round(7).Rows.Model(k).ToArray())];
        Array.Fill(models[2], 1e30f);
        float[] model = Aggregate(AggregationRules.Parse(spec), MadeUpRounds.Of(MadeUpRounds.Start, models));
        for (int i = 0; i < model.Length; i++)
        {
            float[] honest = [.. models.Where((_, k) => k != 2).Select(m => m[i])];
            Assert.InRange(model[i], honest.Min() - 1e-6f, honest.Max() + 1e-6f);
        }
    }

    [Theory]
    [InlineData(new[] { 0.5f, 1f, 2f }, 1.0, 2, 0.75)] // from Flower's tests
    [InlineData(new[] { 0f, 1f, 2f }, 1.0, 2, 0.5)] // 0 and 2 are equally far: the smaller stays
    [InlineData(new[] { 0f, 1f, 2f }, 1.0, 1, 1)]
    [InlineData(new[] { 0f, 1f, 2f }, 1.0, 3, 1)]
    [InlineData(new[] { 1f, 2f, 4f }, 9.0, 1, 4)] // a reference beyond all values
    [InlineData(new[] { 1f, 2f, 4f }, -9.0, 2, 1.5)]
    public void The_values_nearest_to_a_reference(float[] ascending, double reference, int count, double mean) =>
        Assert.Equal(mean, SortedColumns.MeanOfClosest(ascending, reference, count), 1e-12);

    static RoundUpdates Of(float[] models) => MadeUpRounds.Of(
        [7], [.. models.Select(model => new[] { model })], [.. Enumerable.Repeat(1L, models.Length)]);

    static float[] Aggregate(AggregationRule rule, RoundUpdates updates) => rule.Aggregate(rule.Start(updates.Rows.Length), updates).Model;
}
