using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

public sealed class PermutationSamplingTests
{
    /// <summary>Runs exactly so many permutations, unless nothing varies at all.</summary>
    static StoppingRule Exactly(int permutations) => new(2, permutations, 0);

    static PermutationEstimate Run(
        IUtility game, StoppingRule rule, long seed = 1, int threads = 1, CancellationToken cancellation = default) =>
        PermutationSampling.Run(game, rule, seed, stream: 3, threads, cancellation);

    [Fact]
    public void Values_sum_to_what_everybody_gains_together_however_few_permutations()
    {
        for (int n = 1; n <= 7; n++)
        {
            double[] game = BruteForce.RandomGame(n, (uint)n);
            foreach (int permutations in new[] { 2, 3, 16, 50 })
            {
                PermutationEstimate estimate = Run(new TableGame(game), Exactly(permutations), seed: n);
                Close.Equal(game[^1] - game[0], estimate.Values.Sum(), what: $"{n} players, {permutations} permutations");
            }
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        double[] first = BruteForce.RandomGame(6, 20), second = BruteForce.RandomGame(6, 21);
        TableGame Game() => new(6, mask => [first[mask], second[mask]]);
        PermutationEstimate one = Run(Game(), Exactly(100));
        foreach (int threads in new[] { 2, 4 })
        {
            PermutationEstimate other = Run(Game(), Exactly(100), threads: threads);
            Assert.Equal(one.Values, other.Values);
            Assert.Equal(one.StandardErrors, other.StandardErrors);
            Assert.Equal(one.Replicates[0], other.Replicates[0]);
            Assert.Equal((one.Evaluations, one.Permutations, one.Converged), (other.Evaluations, other.Permutations, other.Converged));
        }
    }

    [Fact]
    public void Another_seed_or_stream_draws_other_permutations()
    {
        var game = new TableGame(BruteForce.RandomGame(6, 20));
        double[] values = Run(game, Exactly(10)).Values;
        Assert.Equal(values, Run(game, Exactly(10)).Values);
        Assert.NotEqual(values, Run(game, Exactly(10), seed: 2).Values);
        Assert.NotEqual(values, PermutationSampling.Run(game, Exactly(10), seed: 1, stream: 4, threads: 1).Values);
    }

    [Fact]
    public void Every_coalition_is_measured_once_and_counted()
    {
        foreach (int threads in new[] { 1, 4 })
        {
            var game = new TableGame(BruteForce.RandomGame(7, 30));
            PermutationEstimate estimate = Run(game, Exactly(40), threads: threads);
            Assert.All(game.Calls.Values, calls => Assert.Equal(1, calls));
            Assert.Equal(game.Calls.Count, estimate.Evaluations);
            Assert.InRange(estimate.Evaluations, 8, 127); // one walk has 8 coalitions, and forty do not reach all 128
        }
    }

    [Fact]
    public void Replicates_are_the_values_of_the_other_columns_by_the_same_permutations()
    {
        double[] first = BruteForce.RandomGame(5, 40), second = BruteForce.RandomGame(5, 41);
        var both = new TableGame(5, mask => [first[mask], second[mask], 2 * first[mask]]);
        PermutationEstimate estimate = Run(both, Exactly(33));
        Assert.Equal(2, estimate.Replicates.Length);
        Assert.Equal(Run(new TableGame(first), Exactly(33)).Values, estimate.Values);
        Assert.Equal(Run(new TableGame(second), Exactly(33)).Values, estimate.Replicates[0]);
        Assert.Equal([.. estimate.Values.Select(value => 2 * value)], estimate.Replicates[1]); // doubling is exact
    }

    [Fact]
    public void An_additive_game_of_many_players_is_known_after_one_batch()
    {
        const int n = 70; // more than fit into one word of a coalition
        double[] worth = [.. Enumerable.Range(0, n).Select(player => (double)player)]; // whole numbers: every mean is exact
        PermutationEstimate estimate = Run(new Additive(worth), new StoppingRule(2, 1000, 0));
        Assert.Equal(worth, estimate.Values);
        Assert.Equal(new double[n], estimate.StandardErrors);
        Assert.True(estimate.Converged);
        Assert.InRange(estimate.Permutations, 2, 16);
    }

    [Fact]
    public void One_player_and_none_need_no_luck()
    {
        Assert.Equal([1.5], Run(new TableGame([1, 2.5]), new StoppingRule(2, 10, 0)).Values);
        PermutationEstimate nobody = Run(new TableGame([7]), new StoppingRule(2, 10, 0));
        Assert.Empty(nobody.Values);
        Assert.True(nobody.Converged);
    }

    [Fact]
    public void A_utility_that_is_not_finite_is_a_failure_not_a_value()
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            for (int column = 0; column < 2; column++)
            {
                var game = new TableGame(4, mask => [mask == 15 && column == 0 ? bad : 1, mask == 15 && column == 1 ? bad : 2]);
                var failure = Assert.Throws<UtilityNotFiniteException>(() => Run(game, Exactly(5), threads: 2));
                Assert.Equal(Coalition.Grand(4), failure.Coalition);
            }
        }
    }

    [Fact]
    public void Cancellation_stops_before_and_during_the_sampling()
    {
        using var source = new CancellationTokenSource();
        var stops = new Additive([1, 2, 3], afterCalls: 5, source.Cancel);
        Assert.ThrowsAny<OperationCanceledException>(() => Run(stops, Exactly(1000), cancellation: source.Token));
        Assert.InRange(stops.Calls, 5, 7); // of 8 coalitions; the call in which it happened is finished

        var never = new Additive([1, 2, 3]);
        Assert.ThrowsAny<OperationCanceledException>(() => Run(never, Exactly(1000), cancellation: source.Token));
        Assert.Equal(0, never.Calls);
    }

    [Fact]
    public void Cancellation_stops_a_sampling_that_has_nothing_left_to_measure()
    {
        using var source = new CancellationTokenSource();
        var measured = new HashSet<int>();
        var game = new TableGame(3, mask =>
        {
            if (measured.Add(mask) && measured.Count == 8)
                source.CancelAfter(TimeSpan.FromMilliseconds(50));
            return [mask * mask];
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Run(game, Exactly(int.MaxValue), cancellation: source.Token));
        Assert.Equal(8, measured.Count);
    }

    /// <summary>Everybody is worth what it is worth; something may happen after some calls.</summary>
    sealed class Additive(double[] worth, int afterCalls = int.MaxValue, Action? happens = null) : IUtility
    {
        int _calls;

        public int Calls => _calls;

        public int Players => worth.Length;

        public int Columns => 1;

        public void Evaluate(Coalition coalition, Span<double> utilities)
        {
            if (Interlocked.Increment(ref _calls) == afterCalls)
                happens?.Invoke();
            utilities[0] = coalition.Members().Sum(player => worth[player]);
        }
    }
}
