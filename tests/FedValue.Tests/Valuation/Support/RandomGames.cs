using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Valuation.Support;

/// <summary>
/// Random games for properties, and the one way to check a property: from a fixed seed, so that every run tries the same games.
/// </summary>
static class RandomGames
{
    /// <summary>A utility: a multiple of 1/64, so that most sums are exact; 0 and equal ones turn up.</summary>
    static readonly Gen<double> Utility = Gen.Choose(-500, 500).Select(number => number / 64.0);

    /// <summary>The 2^n utilities of a game of 1 to 7 players.</summary>
    public static readonly Arbitrary<double[]> Any = Gen.Choose(1, 7).SelectMany(n => Utility.ArrayOf(1 << n)).ToArbitrary();

    /// <summary>Two games of the same players.</summary>
    public static readonly Arbitrary<(double[] First, double[] Second)> Pairs =
        Gen.Choose(1, 7).SelectMany(n => Utility.ArrayOf(1 << n).Two().Select(two => (two.Item1, two.Item2))).ToArbitrary();

    /// <summary>A game, two of its players (perhaps the same one) and an order of all of them.</summary>
    public static readonly Arbitrary<(double[] Game, int First, int Second, int[] Order)> WithPlayers =
        (from n in Gen.Choose(1, 7)
         from game in Utility.ArrayOf(1 << n)
         from first in Gen.Choose(0, n - 1)
         from second in Gen.Choose(0, n - 1)
         from order in Gen.Shuffle(Enumerable.Range(0, n).ToArray())
         select (game, first, second, order)).ToArbitrary();

    /// <summary>Fails with the smallest counterexample FsCheck finds.</summary>
    public static void Check<T>(Arbitrary<T> cases, Action<T> body) =>
        Prop.ForAll(cases, body).Holds();

    /// <summary>The game in which player i is called order[i].</summary>
    public static double[] Relabelled(IReadOnlyList<double> game, int[] order)
    {
        var renamed = new double[game.Count];
        for (int mask = 0; mask < game.Count; mask++)
            renamed[Mask(order.Where((_, i) => (mask >> i & 1) == 1))] = game[mask];
        return renamed;
    }

    /// <summary>The game plus itself with two players exchanged: they are interchangeable in the sum.</summary>
    public static double[] Symmetrized(IReadOnlyList<double> game, int first, int second)
    {
        int[] exchange = [.. Enumerable.Range(0, int.Log2(game.Count))];
        (exchange[first], exchange[second]) = (second, first);
        return [.. game.Zip(Relabelled(game, exchange), (a, b) => a + b)];
    }

    /// <summary>The game in which a player changes nothing.</summary>
    public static double[] WithNullPlayer(IReadOnlyList<double> game, int player) =>
        [.. Enumerable.Range(0, game.Count).Select(mask => game[mask & ~(1 << player)])];

    static int Mask(IEnumerable<int> players) => players.Sum(player => 1 << player);
}
