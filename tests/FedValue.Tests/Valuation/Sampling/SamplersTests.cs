using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

/// <summary>All methods that sample the measured utility, against brute force.</summary>
public sealed class SamplersTests
{
    /// <summary>Unbiased ones; TMC and GTG are without truncation.</summary>
    public static TheoryData<string> Unbiased =>
    [
        "permutation", "permutation-antithetic", "stratified", "owen", "owen:levels=1", "owen:levels=5", "banzhaf-msr", "tmc:tolerance=0",
        "gtg:between=0:within=0:change=1e-9", "fedsv", "fedsv:epsilon=0",
    ];

    public static TheoryData<string> Walking =>
    [
        "permutation", "permutation-antithetic", "stratified", "tmc:tolerance=0", "gtg:between=0:within=0:change=1e-9", "fedsv",
    ];

    static double[] Truth(string method, double[] game) =>
        method == "banzhaf-msr" ? BruteForce.Semivalue(BruteForce.BanzhafSizes(int.Log2(game.Length)), game) : BruteForce.Shapley(game);

    static StoppingRule Exactly(int permutations) => new(2, permutations, 0);

    [Theory]
    [MemberData(nameof(Unbiased))]
    public void Values_are_unbiased_over_seeds(string method)
    {
        double[] game = BruteForce.RandomGame(5, 61), truth = Truth(method, game);
        MethodResult[] results = [.. Enumerable.Range(0, 400).Select(seed => GameRound.Value(method, game, Exactly(20), seed))];
        for (int j = 0; j < truth.Length; j++)
        {
            double[] draws = [.. results.Select(result => result.Estimate.Values[j])];
            double mean = draws.Average();
            double error = Math.Sqrt(draws.Sum(draw => (draw - mean) * (draw - mean)) / (draws.Length - 1) / draws.Length);
            Assert.True(Math.Abs(mean - truth[j]) <= 4 * error + 1e-12, $"{method}, {j}: {mean:R} is not {truth[j]:R} within 4 x {error:R}.");
        }
    }

    /// <summary>Over 300 random games and 5 players each.</summary>
    [Theory]
    [MemberData(nameof(Unbiased))]
    public void The_interval_covers_the_true_value_as_often_as_it_says(string method)
    {
        const int games = 300;
        int covered = 0;
        for (int name = 0; name < games; name++)
        {
            double[] game = BruteForce.RandomGame(5, (uint)(1000 + name)), truth = Truth(method, game);
            var estimate = GameRound.Value(method, game, Exactly(120), seed: name).Estimate;
            for (int j = 0; j < truth.Length; j++)
                covered += estimate.Interval(j) is var (low, high) && low <= truth[j] + 1e-12 && truth[j] <= high + 1e-12 ? 1 : 0;
        }
        Assert.InRange(covered / (5.0 * games), 0.9, 0.99);
    }

    [Theory]
    [MemberData(nameof(Walking))]
    public void Walks_count_the_first_place_and_sum_to_the_gain(string method)
    {
        // Only who comes first adds anything: a walk that skips the first place finds nothing at all.
        Close.Equal(1, GameRound.Value(method, [0, 1, 1, 1, 1, 1, 1, 1]).Estimate.Values.Sum());
        for (int n = 1; n <= 7; n++)
        {
            foreach (int permutations in new[] { 2, 3, 17, 40 })
            {
                double[] game = BruteForce.RandomGame(n, (uint)(70 + n));
                Close.Equal(game[^1] - game[0], GameRound.Value(method, game, Exactly(permutations)).Estimate.Values.Sum(), what: method);
            }
        }
    }

    [Theory]
    [InlineData("permutation")]
    [InlineData("tmc:tolerance=0")]
    [InlineData("fedsv")]
    public void Every_permutation_starts_again_at_the_empty_coalition(string method)
    {
        double[] game = BruteForce.RandomGame(5, 80); // U(empty) is not 0
        double[] first = BruteForce.Marginals(PermutationSampling.Order(5, 9, 2, 0), game);
        double[] second = BruteForce.Marginals(PermutationSampling.Order(5, 9, 2, 1), game);
        double[] values = [.. GameRound.Value(method, game, Exactly(2), seed: 9, round: 2).Estimate.Values];
        Close.Equal([.. first.Zip(second, (a, b) => (a + b) / 2)], values);
    }

    /// <summary>What other implementations do wrong is far outside of what the tests above allow.</summary>
    [Fact]
    public void Known_defects_would_be_noticed()
    {
        double[] game = BruteForce.RandomGame(5, 80);
        int[][] orders = [PermutationSampling.Order(5, 9, 2, 0), PermutationSampling.Order(5, 9, 2, 1)];
        double[] values = [.. GameRound.Value("permutation", game, Exactly(2), seed: 9, round: 2).Estimate.Values];

        double[] skipped = [.. values]; // the first place adds nothing
        foreach (int[] order in orders)
            skipped[order[0]] -= (game[1 << order[0]] - game[0]) / 2;
        Assert.NotEqual(game[^1] - game[0], skipped.Sum(), 0.01);

        double[] carried = [.. values]; // the second walk begins where the first ended
        carried[orders[1][0]] += (game[0] - game[^1]) / 2;
        Assert.NotEqual(game[^1] - game[0], carried.Sum(), 0.01);
        Assert.NotEqual(game[^1] - game[0], 5 * values.Sum(), 0.01); // no 1/N
    }

    [Fact]
    public void A_permutation_and_its_reverse_are_one_sample()
    {
        double[] game = BruteForce.RandomGame(5, 81);
        double[][] samples =
        [
            .. Enumerable.Range(0, 12).Select(i => PermutationSampling.Order(5, 1, 1, (uint)i)).Select(order =>
                BruteForce.Marginals(order, game).Zip(BruteForce.Marginals([.. order.Reverse()], game), (a, b) => (a + b) / 2).ToArray()),
        ];
        MethodResult result = GameRound.Value("permutation-antithetic", game, Exactly(24));
        AssertMeanOf(samples, result);
        Assert.Equal(24, result.Permutations);
    }

    [Fact]
    public void All_rotations_of_a_permutation_are_one_sample()
    {
        double[] game = BruteForce.RandomGame(5, 82);
        double[][] samples =
        [
            .. Enumerable.Range(0, 10).Select(i => PermutationSampling.Order(5, 1, 1, (uint)i)).Select(order =>
            {
                double[][] rotations = [.. Enumerable.Range(0, 5).Select(r => BruteForce.Marginals([.. order[r..], .. order[..r]], game))];
                return (double[])[.. Enumerable.Range(0, 5).Select(j => rotations.Average(marginals => marginals[j]))];
            }),
        ];
        MethodResult result = GameRound.Value("stratified", game, Exactly(50));
        AssertMeanOf(samples, result);
        Assert.Equal(50, result.Permutations);
    }

    static void AssertMeanOf(double[][] samples, MethodResult result)
    {
        for (int j = 0; j < result.Estimate.Values.Count; j++)
        {
            double mean = samples.Average(s => s[j]);
            double error = Math.Sqrt(samples.Sum(s => (s[j] - mean) * (s[j] - mean)) / (samples.Length - 1) / samples.Length);
            Close.Equal([mean, error], [result.Estimate.Values[j], result.Estimate.SamplingErrors[j]]);
        }
    }

    [Fact]
    public void A_utility_of_sizes_is_exact_in_one_sample_of_all_rotations()
    {
        double[] game = [.. Enumerable.Range(0, 64).Select(mask => Math.Sqrt(int.PopCount(mask)))];
        MethodResult result = GameRound.Value("stratified", game, new StoppingRule(2, 1000, 1e-9));
        Close.Equal(BruteForce.Shapley(game), result.Estimate.Values.ToArray());
        Assert.Equal((12, MethodResult.Converged), (result.Permutations, result.Status)); // two samples, because one has no error
    }

    [Fact]
    public void Sample_reuse_over_all_coalitions_is_Banzhaf()
    {
        for (int n = 1; n <= 6; n++)
        {
            double[] game = BruteForce.RandomGame(n, (uint)(90 + n));
            var known = new MemoizedUtility(new TableGame(game), threads: 1);
            known.Require(Enumerable.Range(0, 1 << n).Select(mask => Coalition.OfMask((ulong)mask)), default);
            double[][] samples =
            [
                .. Enumerable.Range(0, 1 << n).Select(mask =>
                    BanzhafSampler.Values(known, [.. Enumerable.Range(0, n).Select(j => (mask >> j & 1) == 1)])[0]),
            ];
            Close.Equal(Truth("banzhaf-msr", game), [.. Enumerable.Range(0, n).Select(j => samples.Average(sample => sample[j]))]);
        }
    }

    [Theory]
    [MemberData(nameof(Unbiased))]
    public void Constant_games_and_those_of_nobody_one_and_two_stop_without_error(string method)
    {
        foreach (double level in new[] { 0, -3.5 })
        {
            for (int n = 0; n <= 4; n++)
            {
                MethodResult constant = GameRound.Value(method, [.. Enumerable.Repeat(level, 1 << n)], new StoppingRule(2, 500, 0.05));
                Assert.All(constant.Estimate.Values, value => Assert.Equal(0, value));
                Assert.All(constant.Estimate.SamplingErrors, error => Assert.Equal(0, error));
                Assert.NotEqual(MethodResult.StoppedAtMaximum, constant.Status);
            }
        }
        Close.Equal([1.5], [.. GameRound.Value(method, [1, 2.5]).Estimate.Values]);
        foreach (double[] game in new[] { new double[] { 0, 1, 2, 3 }, [0, -1, -2, -7], [5, 1, 2, 5] }) // gains 3, -7, 0
            Assert.All(GameRound.Value(method, game).Estimate.Values, value => Assert.True(double.IsFinite(value)));
    }

    [Theory]
    [MemberData(nameof(Unbiased))]
    public void More_than_sixty_four_participants_and_a_small_maximum_have_finite_errors(string method)
    {
        var heads = new HeadCount(70);
        var estimate = MethodCatalog.Get(method).Value(GameRound.Of(heads, new StoppingRule(2, 32, 0))).Estimate;
        Assert.All(estimate.SamplingErrors, error => Assert.True(double.IsFinite(error)));
        if (method != "banzhaf-msr")
            Close.Equal([.. Enumerable.Repeat(1.0, 70)], [.. estimate.Values]);
    }

    /// <summary>Everybody is worth 1.</summary>
    sealed class HeadCount(int players) : IUtility
    {
        public int Players => players;

        public int Columns => 1;

        public void Evaluate(Coalition coalition, Span<double> utilities) => utilities[0] = coalition.Count;
    }
}
