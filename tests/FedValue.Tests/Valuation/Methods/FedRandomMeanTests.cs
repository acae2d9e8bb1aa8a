using FedValue.Kernels.Randomness;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

public sealed class FedRandomMeanTests
{
    const string Sampling = "fedrandom-mean:exact-up-to=0";

    static readonly StoppingRule FortyEight = new(48, 48, 0);

    static TableGame Random(int players, uint name)
    {
        var random = new RandomStream(seed: 5, RandomPurpose.Split, name, (uint)players);
        double[][] rows = [.. Enumerable.Range(0, 1 << players).Select(_ => new[] { random.NextNormal(), random.NextNormal(), random.NextNormal() })];
        return new TableGame(players, mask => rows[mask]);
    }

    static TableGame[] Pool(int players, int members) => [.. Enumerable.Range(0, members).Select(m => Random(players, (uint)m))];

    static MethodResult Value(string method, IReadOnlyList<IUtility> pool, StoppingRule? rule = null, int threads = 1) =>
        MethodCatalog.Get(method).Value(GameRound.OfPool(pool, rule, threads: threads));

    [Fact]
    public void Values_are_the_mean_of_the_Shapley_values_of_every_member_in_every_column()
    {
        for (int n = 0; n <= 5; n++)
        {
            TableGame[] pool = Pool(n, members: 3);
            MethodResult result = Value("fedrandom-mean", pool);
            double[][] members = [.. pool.Select(game => BruteForce.Shapley(game.Column(0)))];
            Assert.Equal(3, result.Estimate.MemberValues.Count);
            for (int m = 0; m < 3; m++)
                Close.Equal(members[m], result.Estimate.MemberValues[m], 1e-12);
            for (int column = 0; column < 3; column++)
            {
                double[][] all = [.. pool.Select(game => BruteForce.Shapley(game.Column(column)))];
                double[] expected = [.. Enumerable.Range(0, n).Select(j => all.Average(values => values[j]))];
                Close.Equal(expected, column == 0 ? [.. result.Estimate.Values] : result.Estimate.Replicates[column - 1], 1e-12);
            }
            Assert.Equal(3L << n, result.Evaluations);
            Assert.Equal(0, result.Permutations);
            Assert.Equal(MethodResult.Exact, result.Status);
            Assert.False(result.Estimate.IsSampled);
        }
    }

    [Fact]
    public void The_spread_is_the_standard_deviation_over_the_members_and_no_part_of_the_interval()
    {
        TableGame one = Random(3, 0), other = Random(3, 1);
        MethodResult single = Value("fedrandom-mean", [one]), both = Value("fedrandom-mean", [one, other]);
        Assert.Empty(single.Estimate.MemberDeviations);
        for (int j = 0; j < 3; j++)
        {
            double[] values = [both.Estimate.MemberValues[0][j], both.Estimate.MemberValues[1][j]];
            Assert.Equal(Math.Abs(values[0] - values[1]) / Math.Sqrt(2), both.Estimate.MemberDeviations[j], 1e-12);
            double half = Estimate.Quantile * both.Estimate.ValidationErrors[j];
            Assert.Equal((both.Estimate.Values[j] - half, both.Estimate.Values[j] + half), both.Estimate.Interval(j));
        }
    }

    [Fact]
    public void A_pool_of_one_is_exact_or_permutation_bit_for_bit()
    {
        for (int n = 1; n <= 5; n++)
        {
            TableGame game = Random(n, 7);
            Same(Value("exact", [game]), Value("fedrandom-mean", [game]));
            Same(Value("permutation", [game], FortyEight), Value(Sampling, [game], FortyEight));
            Same(Value("permutation", [game], new StoppingRule(2, 64, 0.3)), Value(Sampling, [game], new StoppingRule(2, 64, 0.3)));
        }

        static void Same(MethodResult expected, MethodResult actual)
        {
            Assert.Equal(expected.Estimate.Values, actual.Estimate.Values);
            Assert.Equal(expected.Estimate.Replicates, actual.Estimate.Replicates);
            Assert.Equal(expected.Estimate.SamplingErrors, actual.Estimate.SamplingErrors);
            Assert.Equal(expected.Estimate.IsSampled, actual.Estimate.IsSampled);
            Assert.Equal(
                (expected.Evaluations, expected.Permutations, expected.Status), (actual.Evaluations, actual.Permutations, actual.Status));
        }
    }

    [Fact]
    public void Every_member_is_sampled_along_the_same_permutations()
    {
        TableGame[] pool = Pool(6, members: 3);
        MethodResult result = Value(Sampling, pool, FortyEight);
        MethodResult[] alone = [.. pool.Select(game => Value("permutation", [game], FortyEight))];
        for (int m = 0; m < 3; m++)
            Assert.Equal(alone[m].Estimate.Values, result.Estimate.MemberValues[m]);
        Assert.Equal(alone.Sum(member => member.Evaluations), result.Evaluations);
        Assert.Equal(48, result.Permutations);
        for (int j = 0; j < 6; j++)
        {
            double sum = alone[0].Estimate.Values[j] + alone[1].Estimate.Values[j] + alone[2].Estimate.Values[j];
            Assert.Equal(sum / 3, result.Estimate.Values[j]);
            Assert.Equal(alone.Average(member => member.Estimate.Replicates[1][j]), result.Estimate.Replicates[1][j], 1e-12);
        }
        var mean = new TableGame(6, mask => [pool.Average(game => game.Column(0)[mask])]);
        MethodResult ofMean = Value("permutation", [mean], FortyEight);
        for (int j = 0; j < 6; j++)
            Assert.Equal(ofMean.Estimate.SamplingErrors[j], result.Estimate.SamplingErrors[j], 1e-9);
    }

    [Fact]
    public void No_coalition_is_measured_twice_by_a_member_and_a_budget_counts_all_members()
    {
        TableGame[] pool = Pool(5, members: 4);
        var budget = new StoppingRule(2, 640, 0) { Condition = StopCondition.Parse("evaluations:100") };
        MethodResult result = Value(Sampling, pool, budget);
        Assert.InRange(result.Evaluations, 100, 4 * 32);
        Assert.Equal(16, result.Permutations);
        Assert.All(pool, game => Assert.All(game.Calls.Values, calls => Assert.Equal(1, calls)));
        Assert.Equal(result.Evaluations, pool.Sum(game => game.Calls.Count));
    }

    [Theory]
    [InlineData("fedrandom-mean")]
    [InlineData(Sampling)]
    public void The_bits_do_not_depend_on_the_threads(string method)
    {
        Estimate one = Value(method, Pool(6, 3)).Estimate;
        foreach (int threads in new[] { 2, 4 })
        {
            Estimate other = Value(method, Pool(6, 3), threads: threads).Estimate;
            Assert.Equal(one.Values, other.Values);
            Assert.Equal(one.Replicates, other.Replicates);
            Assert.Equal(one.MemberValues, other.MemberValues);
            Assert.Equal(one.MemberDeviations, other.MemberDeviations);
        }
    }

    [Fact]
    public void Coalitions_are_enumerated_up_to_the_setting_and_sampled_above()
    {
        Assert.False(Value("fedrandom-mean:exact-up-to=3", Pool(3, 2)).Estimate.IsSampled);
        Assert.True(Value("fedrandom-mean:exact-up-to=3", Pool(4, 2)).Estimate.IsSampled);
        Assert.Equal("fedrandom-mean:exact-up-to=12", MethodCatalog.Get("fedrandom-mean").Info.Name);
        Assert.EndsWith("must be a whole number from 0 to 20, but 21 came.",
            Assert.Throws<FormatException>(() => MethodCatalog.Get("fedrandom-mean:exact-up-to=21")).Message);
    }
}
