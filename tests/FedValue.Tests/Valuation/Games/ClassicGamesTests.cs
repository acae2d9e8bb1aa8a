using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Games;

/// <summary>Games whose values are known from the literature.</summary>
public sealed class ClassicGamesTests
{
    static double[] Shapley(TableGame game) => Semivalue.Shapley(game.Players).Values(game.Table(), 0);

    static double[] Banzhaf(TableGame game) => Semivalue.Banzhaf(game.Players).Values(game.Table(), 0);

    static double[] LeaveOneOut(TableGame game) => Semivalue.LeaveOneOut(game.Players).Values(game.Table(), 0);

    static TableGame Majority(int quota, params int[] weights) =>
        TableGame.Of(weights.Length, members => members.Sum(player => weights[player]) >= quota ? 1 : 0);

    static TableGame Gloves(int left, int right) => TableGame.Of(
        left + right, members => Math.Min(members.Count(player => player < left), members.Count(player => player >= left)));

    [Fact]
    public void Weighted_majority()
    {
        TableGame game = Majority(51, 50, 49, 1);
        Close.Equal([2.0 / 3, 1.0 / 6, 1.0 / 6], Shapley(game));
        Close.Equal([0.75, 0.25, 0.25], Banzhaf(game));
        Close.Equal([1, 0, 0], LeaveOneOut(game));
    }

    [Fact]
    public void The_Security_Council_of_the_United_Nations()
    {
        // Five permanent members with a veto, ten others, nine votes to pass (Shapley and Shubik 1954, with the numbers since 1965).
        TableGame game = Majority(39, [.. Enumerable.Repeat(7, 5), .. Enumerable.Repeat(1, 10)]);
        double[] shapley = Shapley(game), banzhaf = Banzhaf(game);
        Close.Equal([.. Enumerable.Repeat(421.0 / 2145, 5), .. Enumerable.Repeat(4.0 / 2145, 10)], shapley);
        Close.Equal([.. Enumerable.Repeat(848.0 / 16384, 5), .. Enumerable.Repeat(84.0 / 16384, 10)], banzhaf);
    }

    [Fact]
    public void Gloves_one_left_and_two_right()
    {
        Close.Equal([2.0 / 3, 1.0 / 6, 1.0 / 6], Shapley(Gloves(1, 2)));
        Close.Equal([0.75, 0.25, 0.25], Banzhaf(Gloves(1, 2)));
        Close.Equal([1, 0, 0], LeaveOneOut(Gloves(1, 2)));
    }

    [Fact]
    public void Gloves_two_left_and_three_right() =>
        Close.Equal([0.65, 0.65, 0.7 / 3, 0.7 / 3, 0.7 / 3], Shapley(Gloves(2, 3))); // Shapley and Shubik 1969

    [Fact]
    public void The_airport()
    {
        // Everybody who needs a stretch of the runway pays the same part of it (Littlechild and Owen 1973).
        double[] costs = [1, 1, 3, 4.5, 10];
        double[] shares = [0.2, 0.2, 0.2 + 2.0 / 3, 0.2 + 2.0 / 3 + 0.75, 0.2 + 2.0 / 3 + 0.75 + 5.5];
        TableGame game = TableGame.Of(5, members => members.Select(player => -costs[player]).Append(0).Min());
        Close.Equal([.. shares.Select(share => -share)], Shapley(game));
    }

    [Fact]
    public void Unanimity_of_some_of_the_players()
    {
        int[] needed = [0, 2, 5];
        TableGame game = TableGame.Of(6, members => needed.All(members.Contains) ? 1 : 0);
        Close.Equal([1.0 / 3, 0, 1.0 / 3, 0, 0, 1.0 / 3], Shapley(game));
        Close.Equal([0.25, 0, 0.25, 0, 0, 0.25], Banzhaf(game));
        Close.Equal([1, 0, 1, 0, 0, 1], LeaveOneOut(game));
    }

    [Fact]
    public void Unanimity_of_everybody_is_symmetric() =>
        Close.Equal([.. Enumerable.Repeat(1.0 / 7, 7)], Shapley(TableGame.Of(7, members => members.Length == 7 ? 1 : 0)));

    [Fact]
    public void The_example_of_three_clients_of_ShapleyValueFL()
    {
        double[] utilities = [0, 40, 60, 70, 80, 75, 85, 90]; // by bit mask: {}, 0, 1, 01, 2, 02, 12, 012
        Close.Equal([95.0 / 6, 185.0 / 6, 130.0 / 3], Shapley(new TableGame(utilities)));
    }

    [Fact]
    public void Vectors_of_other_utilities()
    {
        foreach (var element in VectorFile.Read("chg_vectors.json").GetProperty("cases").EnumerateArray())
        {
            if (!element.TryGetProperty("hardness_shapley", out _))
                continue;
            double[] losses = element.Numbers("losses");
            TableGame game = TableGame.Of(losses.Length, members => members.Length == 0 ? 0 : members.Average(player => losses[player]));
            Close.Equal(element.Numbers("hardness_shapley"), Shapley(game));
        }

        var weighted = VectorFile.Read("valuation_vectors.json").GetProperty("weighted_mean");
        double[][] x = weighted.Rows("X");
        double[] weights = weighted.Numbers("weights"), alpha = weighted.Numbers("alpha");
        Close.Equal(weighted.Numbers("shapley"), Shapley(TableGame.Of(x.Length, members =>
        {
            if (members.Length == 0)
                return 0;
            double total = members.Sum(player => weights[player]);
            double[] mean = [.. alpha.Select((_, k) => members.Sum(player => weights[player] * x[player][k]) / total)];
            return mean.Zip(alpha, (m, a) => 2 * m * a - m * m).Sum();
        })));
    }
}
