using System.Numerics;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Valuation.Support;

/// <summary>Values of a game by the definitions, one coalition after the other: slow, and nothing to get wrong.</summary>
static class BruteForce
{
    /// <summary>phi_j = sum over S without j of q_|S| / C(n-1, |S|) * (U(S+j) - U(S)).</summary>
    public static double[] Semivalue(IReadOnlyList<double> sizeProbabilities, IReadOnlyList<double> utilities)
    {
        int n = sizeProbabilities.Count;
        var values = new double[n];
        for (int player = 0; player < n; player++)
        {
            for (int mask = 0; mask < utilities.Count; mask++)
            {
                if ((mask >> player & 1) == 1)
                    continue;
                int size = BitOperations.PopCount((uint)mask);
                values[player] += sizeProbabilities[size] / Binomial(n - 1, size) * (utilities[mask | 1 << player] - utilities[mask]);
            }
        }
        return values;
    }

    public static double[] Shapley(IReadOnlyList<double> utilities) => Semivalue(ShapleySizes(int.Log2(utilities.Count)), utilities);

    /// <summary>Shapley as the mean over all n! orders of what each player adds when it comes.</summary>
    public static double[] ShapleyByOrders(IReadOnlyList<double> utilities)
    {
        int n = int.Log2(utilities.Count);
        double[][] marginals = [.. Orders(n).Select(order => Marginals(order, utilities))];
        return [.. Enumerable.Range(0, n).Select(player => marginals.Average(m => m[player]))];
    }

    /// <summary>What each player adds when the players come in this order.</summary>
    public static double[] Marginals(IReadOnlyList<int> order, IReadOnlyList<double> utilities)
    {
        var marginals = new double[order.Count];
        int mask = 0;
        foreach (int player in order)
        {
            marginals[player] = utilities[mask | 1 << player] - utilities[mask];
            mask |= 1 << player;
        }
        return marginals;
    }

    /// <summary>All orders of n players.</summary>
    public static IEnumerable<int[]> Orders(int n) => n == 0
        ? [[]]
        : Orders(n - 1).SelectMany(order => Enumerable.Range(0, n).Select(place => (int[])[.. order[..place], n - 1, .. order[place..]]));

    public static double[] ShapleySizes(int n) => [.. Enumerable.Repeat(1.0 / n, n)];

    public static double[] BanzhafSizes(int n) => [.. Enumerable.Range(0, n).Select(s => Binomial(n - 1, s) / (1 << (n - 1)))];

    public static double[] LeaveOneOutSizes(int n) => [.. Enumerable.Range(0, n).Select(s => s == n - 1 ? 1.0 : 0)];

    /// <summary>Beta(a, b): q_s = C(n-1, s) B(s + b, n - 1 - s + a) / B(a, b), for whole a and b.</summary>
    public static double[] BetaSizes(int n, int a, int b) =>
        [.. Enumerable.Range(0, n).Select(s => Binomial(n - 1, s) * Beta(s + b, n - 1 - s + a) / Beta(a, b))];

    /// <summary>Random utilities of so many players, between -1 and 1; the empty coalition's too.</summary>
    public static double[] RandomGame(int players, uint name)
    {
        var random = new RandomStream(seed: 5, RandomPurpose.Split, name);
        return [.. Enumerable.Range(0, 1 << players).Select(_ => 2 * random.NextDouble() - 1)];
    }

    static double Beta(int a, int b) => Factorial(a - 1) * Factorial(b - 1) / Factorial(a + b - 1);

    static double Binomial(int n, int k) => Factorial(n) / (Factorial(k) * Factorial(n - k));

    static double Factorial(int n) => Enumerable.Range(1, n).Aggregate(1.0, (product, factor) => product * factor);
}
