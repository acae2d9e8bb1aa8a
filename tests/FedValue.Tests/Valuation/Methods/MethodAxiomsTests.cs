using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Valuation.Methods;

/// <summary>What every method of the catalog claims about itself, against the game it states.</summary>
public sealed class MethodAxiomsTests
{
    /// <summary>The closed forms cancel terms of the size of the largest vector: two digits above plain rounding.</summary>
    const double Tolerance = 1e-10;

    static IEnumerable<VectorRound> Rounds =>
        from n in Enumerable.Range(1, 6) from name in Enumerable.Range(0, 15) select VectorRound.Random(n, (uint)name);

    static IEnumerable<IRoundMethod> Claiming(Axioms axioms) => MethodCatalog.All.Where(method => method.Info.Axioms.HasFlag(axioms));

    static IEnumerable<IRoundMethod> NotClaiming(Axioms axioms) => MethodCatalog.All.Where(method => !method.Info.Axioms.HasFlag(axioms));

    static readonly IEqualityComparer<IRoundMethod> SameName =
        EqualityComparer<IRoundMethod>.Create((a, b) => a?.Info.Name == b?.Info.Name, method => method.Info.Name.GetHashCode());

    /// <summary>The values of all columns, where a method has replicates; else of column 0.</summary>
    static double[][] Values(IRoundMethod method, VectorRound round)
    {
        var estimate = method.Value(round.Evidence()).Estimate;
        return [[.. estimate.Values], .. estimate.Replicates];
    }

    [Fact]
    public void Who_claims_all_axioms_gives_the_Shapley_values_of_its_game_in_every_column()
    {
        Assert.Equal(16, Claiming(Axioms.All).Count());
        foreach (IRoundMethod method in Claiming(Axioms.All))
        {
            foreach (VectorRound round in Rounds)
            {
                double[][] values = Values(method, round);
                for (int column = 0; column < values.Length; column++)
                {
                    double[] expected = BruteForce.Shapley(round.StatedGame(method.Info.Name, column)!);
                    Close.Equal(expected, values[column], Tolerance, $"{method.Info.Name}, {round.Count} participants, column {column}");
                }
            }
        }
    }

    [Fact]
    public void Banzhaf_and_leave_one_out_give_their_values_of_the_measured_utility()
    {
        foreach (VectorRound round in Rounds)
        {
            for (int column = 0; column < VectorRound.Columns; column++)
            {
                double[] game = round.Game.Column(column);
                double[] banzhaf = BruteForce.Semivalue(BruteForce.BanzhafSizes(round.Count), game);
                double[] leaveOneOut = BruteForce.Semivalue(BruteForce.LeaveOneOutSizes(round.Count), game);
                Close.Equal(banzhaf, Values(MethodCatalog.Get("banzhaf"), round)[column]);
                Close.Equal(leaveOneOut, Values(MethodCatalog.Get("loo"), round)[column]);
            }
        }
    }

    [Fact]
    public void Efficiency_holds_where_it_is_claimed_and_fails_by_far_where_it_is_not()
    {
        foreach (IRoundMethod method in Claiming(Axioms.Efficiency))
        {
            foreach (VectorRound round in Rounds)
            {
                double[][] values = Values(method, round);
                for (int column = 0; column < values.Length; column++)
                {
                    double[] game = round.StatedGame(method.Info.Name, column)!;
                    Close.Equal(game[^1] - game[0], values[column].Sum(), Tolerance, method.Info.Name);
                }
            }
        }
        VectorRound some = VectorRound.Random(5, 0);
        string[] sampled = ["beta", "banzhaf-msr", "permutation-antithetic", "owen", "tmc", "gtg", "fedsv", "tmr"];
        IRoundMethod[] notClaiming = [.. NotClaiming(Axioms.Efficiency).Where(method => !sampled.Contains(method.Info.Name.Split(':')[0]))];
        Assert.Equal(
            ["banzhaf", "loo", "cosine", "ridge-leverage", "dig-fl", "cgsv", "shapfed", "fedce"],
            notClaiming.Select(method => method.Info.Name.Split(':')[0]));
        foreach (IRoundMethod method in notClaiming)
        {
            double[] game = some.Game.Column(0);
            Assert.NotEqual(game[^1] - game[0], Values(method, some)[0].Sum(), 0.01);
        }
    }

    [Fact]
    public void Symmetry_holds_where_it_is_claimed()
    {
        Assert.Equal(
            ["permutation"], NotClaiming(Axioms.Symmetry).Intersect(MethodCatalog.Defaults, SameName).Select(method => method.Info.Name));
        foreach (VectorRound drawn in Rounds.Where(round => round.Count >= 2))
        {
            VectorRound round = WithTwins(drawn);
            foreach (IRoundMethod method in Claiming(Axioms.Symmetry))
            {
                foreach (double[] values in Values(method, round))
                    Close.Equal(values[0], values[1], Tolerance, method.Info.Name);
            }
        }
        double[] sampled = Values(MethodCatalog.Get("permutation"), WithTwins(VectorRound.Random(5, 1)))[0];
        Assert.NotEqual(sampled[0], sampled[1], 1e-3);
    }

    [Fact]
    public void Who_changes_nothing_gets_exactly_nothing_where_it_is_claimed()
    {
        foreach (VectorRound drawn in Rounds)
        {
            VectorRound round = drawn with
            {
                Game = drawn.Game.Changed(column => RandomGames.WithNullPlayer(column, 0)),
                X = [new double[drawn.X[0].Length], .. drawn.X[1..]],
            };
            foreach (IRoundMethod method in Claiming(Axioms.NullPlayer))
            {
                double[] game = round.StatedGame(method.Info.Name, 0)!;
                if (!game.SequenceEqual(RandomGames.WithNullPlayer(game, 0)))
                    continue; // a zero update shrinks the mean of the others: in a quadratic surrogate it changes something
                foreach (double[] values in Values(method, round))
                    Assert.Equal(0, values[0]);
            }
        }
    }

    [Fact]
    public void Values_of_the_measured_utility_are_linear_in_it()
    {
        for (uint name = 0; name < 15; name++)
        {
            VectorRound first = VectorRound.Random(5, name), second = VectorRound.Random(5, 100 + name);
            double[] u = first.Game.Column(0), v = second.Game.Column(0);
            VectorRound Of(Func<int, double> game) => first with { Game = new TableGame(5, mask => [game(mask), 0, 1]) };
            string[] methods =
            [
                "exact", "permutation", "banzhaf", "loo", "beta", "banzhaf-msr", "permutation-antithetic", "stratified", "owen", "fedsv", "mr",
                "asymmetric", "fedrandom-mean",
            ];
            foreach (string method in methods)
            {
                Assert.True(MethodCatalog.Get(method).Info.Axioms.HasFlag(Axioms.Linearity));
                double[] Mixed(Func<int, double> game) => Values(MethodCatalog.Get(method), Of(game))[0];
                double[] expected = [.. Mixed(mask => u[mask]).Zip(Mixed(mask => v[mask]), (a, b) => 2 * a - 0.3 * b)];
                Close.Equal(expected, Mixed(mask => 2 * u[mask] - 0.3 * v[mask]), Tolerance, method);
            }
        }
    }

    /// <summary>Participants 0 and 1 are interchangeable in everything that any method looks at.</summary>
    static VectorRound WithTwins(VectorRound round) => round with
    {
        X = [round.X[0], .. round.X[..1], .. round.X[2..]],
        Weights = [round.Weights[0], .. round.Weights[..1], .. round.Weights[2..]],
        OwnLosses = [round.OwnLosses[0], .. round.OwnLosses[..1], .. round.OwnLosses[2..]],
        LossesWithout = [round.LossesWithout[0], .. round.LossesWithout[..1], .. round.LossesWithout[2..]],
        Game = round.Game.Changed(column => RandomGames.Symmetrized(column, 0, 1)),
    };
}
