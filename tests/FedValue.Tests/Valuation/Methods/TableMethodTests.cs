using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

public sealed class TableMethodTests
{
    static readonly IRoundMethod Exact = MethodCatalog.Get("exact");
    static readonly IRoundMethod Banzhaf = MethodCatalog.Get("banzhaf");
    static readonly IRoundMethod LeaveOneOut = MethodCatalog.Get("loo");

    /// <summary>A round about which only the utility is known.</summary>
    static RoundEvidence Of(IUtility utility, StoppingRule? sampling = null)
    {
        int n = utility.Players;
        var geometry = new RoundGeometry(new double[n], new double[n], [], 0, [], _ => new double[n]);
        return new RoundEvidence(
            1, 1, new double[n], geometry, utility, new KnownMeasurements(), sampling ?? new StoppingRule(2, 16, 0), threads: 2);
    }

    [Fact]
    public void Exact_values_measure_every_coalition_once_and_others_read_them_off()
    {
        var game = new TableGame(BruteForce.RandomGame(6, 1));
        RoundEvidence evidence = Of(game);
        Assert.Equal(64, Exact.Value(evidence).Evaluations);
        foreach (IRoundMethod method in new[] { Banzhaf, LeaveOneOut, Exact })
        {
            MethodResult result = method.Value(evidence);
            Assert.Equal((0, 0, MethodResult.Exact), (result.Evaluations, result.Permutations, result.Status));
        }
        Assert.Equal(64, game.Calls.Count);
        Assert.All(game.Calls.Values, calls => Assert.Equal(1, calls));
        Assert.Equal(game.Column(0), evidence.Table!.Utilities());
    }

    [Fact]
    public void Leave_one_out_measures_only_what_it_needs_and_gives_the_same_bits_as_from_the_table()
    {
        for (int n = 0; n <= 8; n++)
        {
            VectorRound round = VectorRound.Random(n, 2);
            MethodResult alone = LeaveOneOut.Value(round.Evidence());
            Assert.Equal(n == 0 ? 0 : n + 1, alone.Evaluations);
            Assert.Equal(alone.Evaluations, round.Game.Calls.Count);
            Assert.All(round.Game.Calls.Values, calls => Assert.Equal(1, calls));

            RoundEvidence withTable = round.Evidence();
            Exact.Value(withTable);
            Estimate read = LeaveOneOut.Value(withTable).Estimate;
            Assert.Equal(alone.Estimate.Values, read.Values);
            Assert.Equal(alone.Estimate.Replicates, read.Replicates);
        }
    }

    [Fact]
    public void Twenty_one_participants_are_refused_with_the_alternative_which_works()
    {
        RoundEvidence evidence = Of(new HeadCount(21));
        foreach (IRoundMethod method in new[] { Exact, Banzhaf })
            Assert.Contains("'permutation'", Assert.Throws<ArgumentException>(() => method.Value(evidence)).Message);
        Close.Equal([.. Enumerable.Repeat(1.0, 21)], MethodCatalog.Get("permutation").Value(evidence).Estimate.Values);
        Close.Equal([.. Enumerable.Repeat(1.0, 21)], LeaveOneOut.Value(evidence).Estimate.Values);
    }

    [Fact]
    public void The_sampled_method_passes_on_what_the_sampler_says()
    {
        double[] first = BruteForce.RandomGame(5, 3), second = BruteForce.RandomGame(5, 4), third = BruteForce.RandomGame(5, 5);
        TableGame Game() => new(5, mask => [first[mask], second[mask], third[mask]]);
        var rule = new StoppingRule(2, 48, 0);
        MethodResult result = MethodCatalog.Get("permutation").Value(Of(Game(), rule));
        PermutationEstimate sampled = PermutationSampling.Run(Game(), rule, seed: 1, stream: 1, threads: 1);
        Assert.Equal(sampled.Values, result.Estimate.Values);
        Assert.Equal(sampled.Replicates, result.Estimate.Replicates);
        Close.Equal(sampled.StandardErrors, result.Estimate.SamplingErrors);
        Assert.Equal((sampled.Evaluations, 48, MethodResult.StoppedAtMaximum), (result.Evaluations, result.Permutations, result.Status));
        Assert.Equal(MethodResult.Converged, MethodCatalog.Get("permutation").Value(Of(new HeadCount(4))).Status);
    }

    [Fact]
    public void Cancellation_reaches_every_method_that_measures()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        foreach (IRoundMethod method in new[] { Exact, Banzhaf, LeaveOneOut, MethodCatalog.Get("permutation") })
            Assert.ThrowsAny<OperationCanceledException>(() => method.Value(Of(new HeadCount(4)), source.Token));
    }

    [Fact]
    public void A_utility_that_is_not_finite_fails_every_method_that_measures()
    {
        double[] game = BruteForce.RandomGame(4, 6);
        game[^1] = double.NaN;
        foreach (IRoundMethod method in new[] { Exact, Banzhaf, LeaveOneOut, MethodCatalog.Get("permutation") })
            Assert.Throws<UtilityNotFiniteException>(() => method.Value(Of(new TableGame(game))));
    }

    /// <summary>Everybody is worth 1.</summary>
    sealed class HeadCount(int players) : IUtility
    {
        public int Players => players;

        public int Columns => 1;

        public void Evaluate(Coalition coalition, Span<double> utilities) => utilities[0] = coalition.Count;
    }
}
