using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Games;

public sealed class CoalitionTableTests
{
    static CoalitionTable Evaluate(IUtility game, int threads = 1, CancellationToken cancellation = default) =>
        CoalitionTable.Evaluate(game, threads, cancellation);

    [Fact]
    public void Every_coalition_is_measured_once_in_all_columns()
    {
        foreach (int threads in new[] { 1, 2, 4 })
        {
            var game = new TableGame(6, mask => [mask, -mask, mask * 0.5]);
            CoalitionTable table = Evaluate(game, threads);
            Assert.Equal((6, 3), (table.Players, table.Columns));
            for (int mask = 0; mask < 64; mask++)
                Assert.Equal((mask, -mask, mask * 0.5), (table[mask, 0], table[mask, 1], table[mask, 2]));
            Assert.Equal(Enumerable.Range(0, 64).Select(mask => (double)mask), table.Utilities());
            Assert.Equal(64, game.Calls.Count);
            Assert.All(game.Calls.Values, calls => Assert.Equal(1, calls));
        }
    }

    [Fact]
    public void A_game_without_players_has_one_coalition()
    {
        CoalitionTable table = Evaluate(new TableGame([2.5]));
        Assert.Equal([2.5], table.Utilities());
        Assert.Empty(Semivalue.Shapley(0).Values(table, 0));
        Assert.Empty(Semivalue.Banzhaf(0).Values(table, 0));
        Assert.Empty(Semivalue.LeaveOneOut(0).Values(table, 0));
    }

    [Fact]
    public void A_single_player_gets_the_difference_it_makes()
    {
        CoalitionTable table = Evaluate(new TableGame([2.5, 4]));
        Assert.Equal([1.5], Semivalue.Shapley(1).Values(table, 0));
        Assert.Equal([1.5], Semivalue.Banzhaf(1).Values(table, 0));
        Assert.Equal([1.5], Semivalue.LeaveOneOut(1).Values(table, 0));
    }

    [Fact]
    public void Too_many_players_are_refused_with_the_alternative()
    {
        var game = new NoGame(21);
        string message = Assert.Throws<ArgumentException>(() => Evaluate(game)).Message;
        Assert.StartsWith("Exact values of 21 participants need 2^21 coalition utilities; the limit is 20 participants.", message);
        Assert.Contains("'permutation'", message);
        Assert.Null(CoalitionTable.TooLarge(20));
    }

    [Fact]
    public void A_utility_that_is_not_finite_is_a_failure_of_its_own_type_whichever_column_it_is_in()
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            for (int column = 0; column < 3; column++)
            {
                var game = new TableGame(4, mask => [.. Enumerable.Range(0, 3).Select(c => mask == 11 && c == column ? bad : 1)]);
                var failure = Assert.Throws<UtilityNotFiniteException>(() => Evaluate(game, threads: 3));
                Assert.Equal(Coalition.Of(0, 1, 3), failure.Coalition);
                Assert.Contains("{0,1,3}", failure.Message);
            }
        }
    }

    [Fact]
    public void A_failure_of_the_utility_itself_comes_out_as_it_is() =>
        Assert.Throws<TimeoutException>(() => Evaluate(new NoGame(3), threads: 2));

    [Fact]
    public void Cancellation_stops_the_enumeration()
    {
        using var source = new CancellationTokenSource();
        var game = new TableGame(10, mask => [mask]);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Evaluate(game, cancellation: source.Token));
        Assert.Empty(game.Calls);
    }

    /// <summary>A utility that cannot be measured.</summary>
    sealed class NoGame(int players) : IUtility
    {
        public int Players => players;

        public int Columns => 1;

        public void Evaluate(Coalition coalition, Span<double> utilities) => throw new TimeoutException();
    }
}
