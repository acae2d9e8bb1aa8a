using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Valuation.Support;

/// <summary>Small vectors and the quadratic utility, computed from the vectors themselves: no Gram matrix, no closed form.</summary>
static class Vectors
{
    /// <summary>n random vectors of d numbers, each normal.</summary>
    public static double[][] Random(int n, int d, uint name)
    {
        var random = new RandomStream(seed: 9, RandomPurpose.Split, name);
        return [.. Enumerable.Range(0, n).Select(_ => (double[])[.. Enumerable.Range(0, d).Select(_ => random.NextNormal())])];
    }

    public static double Dot(IReadOnlyList<double> x, IReadOnlyList<double> y) => x.Zip(y, (a, b) => a * b).Sum();

    public static double[] Scaled(double factor, IReadOnlyList<double> x) => [.. x.Select(value => factor * value)];

    public static double[] Unit(IReadOnlyList<double> x) => Scaled(Dot(x, x) > 0 ? 1 / Math.Sqrt(Dot(x, x)) : 0, x);

    /// <summary>The mean of some of the vectors, of d numbers; zero of none.</summary>
    public static double[] Mean(IReadOnlyList<double[]> x, IReadOnlyList<int> members, int d) =>
        [.. Enumerable.Range(0, d).Select(k => members.Count == 0 ? 0 : members.Average(i => x[i][k]))];

    public static double[] Mean(IReadOnlyList<double[]> x, int d) => Mean(x, [.. Enumerable.Range(0, x.Count)], d);

    /// <summary>A random symmetric d x d matrix.</summary>
    public static double[][] Symmetric(int d, uint name)
    {
        double[][] a = Random(d, d, name);
        return [.. a.Select((row, i) => (double[])[.. row.Select((value, j) => value + a[j][i])])];
    }

    public static double[] Times(IReadOnlyList<double[]> matrix, IReadOnlyList<double> x) => [.. matrix.Select(row => Dot(row, x))];

    /// <summary>By elimination with pivoting.</summary>
    public static double Determinant(IReadOnlyList<double[]> matrix)
    {
        double[][] a = [.. matrix.Select(row => row.ToArray())];
        double determinant = 1;
        for (int c = 0; c < a.Length; c++)
        {
            int best = Enumerable.Range(c, a.Length - c).MaxBy(r => Math.Abs(a[r][c]));
            if (best != c)
                (a[c], a[best], determinant) = (a[best], a[c], -determinant);
            determinant *= a[c][c];
            for (int r = c + 1; r < a.Length && a[c][c] != 0; r++)
            {
                double factor = a[r][c] / a[c][c];
                for (int i = c; i < a.Length; i++)
                    a[r][i] -= factor * a[c][i];
            }
        }
        return determinant;
    }

    /// <summary>U(S) = 2 &lt;mean_S x, alpha&gt; - |mean_S x|^2 for all S, by bit mask.</summary>
    public static double[] QuadraticGame(IReadOnlyList<double[]> x, double[] alpha) => TableGame.Of(x.Count, members =>
    {
        double[] mean = Mean(x, members, alpha.Length);
        return 2 * Dot(mean, alpha) - Dot(mean, mean);
    }).Column(0);
}
