using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Games;

public sealed class SemivalueTests
{
    /// <summary>Name, size probabilities by the textbook, and the product's semivalue.</summary>
    static IEnumerable<(string Name, double[] Sizes, Semivalue Semivalue)> All(int n)
    {
        yield return ("Shapley", BruteForce.ShapleySizes(n), Semivalue.Shapley(n));
        yield return ("Banzhaf", BruteForce.BanzhafSizes(n), Semivalue.Banzhaf(n));
        yield return ("leave-one-out", BruteForce.LeaveOneOutSizes(n), Semivalue.LeaveOneOut(n));
        foreach ((int a, int b) in new[] { (1, 1), (16, 1), (4, 1), (1, 4) })
        {
            double[] sizes = BruteForce.BetaSizes(n, a, b);
            yield return ($"Beta({a},{b})", sizes, Semivalue.WithSizes(sizes));
        }
    }

    [Fact]
    public void Size_probabilities_are_those_of_the_textbook_and_sum_to_one()
    {
        for (int n = 1; n <= 12; n++)
        {
            foreach ((string name, double[] sizes, Semivalue semivalue) in All(n))
            {
                Close.Equal(sizes, semivalue.SizeProbabilities.ToArray(), what: $"{name} of {n}");
                Close.Equal(1, semivalue.SizeProbabilities.ToArray().Sum(), what: $"{name} of {n}");
                Assert.Equal(n, semivalue.Players);
            }
            Close.Equal(BruteForce.ShapleySizes(n), BruteForce.BetaSizes(n, 1, 1)); // Beta(1, 1) is Shapley
        }
    }

    [Fact]
    public void Values_are_those_of_the_definition()
    {
        for (int n = 1; n <= 8; n++)
        {
            double[] game = BruteForce.RandomGame(n, (uint)n);
            CoalitionTable table = new TableGame(game).Table();
            foreach ((string name, double[] sizes, Semivalue semivalue) in All(n))
                Close.Equal(BruteForce.Semivalue(sizes, game), semivalue.Values(table, 0), what: $"{name} of {n}");
            if (n <= 7)
                Close.Equal(BruteForce.ShapleyByOrders(game), Semivalue.Shapley(n).Values(table, 0), what: $"orders of {n}");
        }
    }

    [Fact]
    public void Every_column_is_a_game_of_its_own()
    {
        double[] first = BruteForce.RandomGame(5, 100), second = BruteForce.RandomGame(5, 101);
        CoalitionTable table = new TableGame(5, mask => [first[mask], second[mask]]).Table();
        Close.Equal(BruteForce.Shapley(first), Semivalue.Shapley(5).Values(table, 0));
        Close.Equal(BruteForce.Shapley(second), Semivalue.Shapley(5).Values(table, 1));
    }

    [Fact]
    public void Twenty_players_are_still_exact()
    {
        // U(S) = |S|^2: everybody is the same, so everybody gets U(N) / n.
        double[] values = Semivalue.Shapley(20).Values(TableGame.Of(20, members => (double)members.Length * members.Length).Table(), 0);
        Close.Equal([.. Enumerable.Repeat(20.0, 20)], values);
    }

    [Fact]
    public void A_table_of_another_game_is_refused() => Assert.StartsWith(
        "A semivalue for 3 players came to a table of 2.",
        Assert.Throws<ArgumentException>(() => Semivalue.Shapley(3).Values(new TableGame(new double[4]).Table(), 0)).Message);

    [Fact]
    public void What_is_no_probability_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Semivalue.WithSizes(0.5, 0.6));
        Assert.Throws<ArgumentException>(() => Semivalue.WithSizes(1.5, -0.5));
        Assert.Throws<ArgumentException>(() => Semivalue.WithSizes(double.NaN, 1));
        Assert.Throws<ArgumentException>(() => Semivalue.WithSizes(double.PositiveInfinity));
        Assert.Equal(0, Semivalue.WithSizes().Players);
    }

    [Fact]
    public void Banzhaf_keeps_its_probabilities_up_to_its_limit_and_refuses_more()
    {
        Close.Equal(1, Semivalue.Banzhaf(1023).SizeProbabilities.ToArray().Sum());
        Assert.Throws<ArgumentOutOfRangeException>(() => Semivalue.Banzhaf(1024));
    }
}
