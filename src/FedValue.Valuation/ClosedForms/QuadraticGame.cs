using FedValue.Valuation.Games;

namespace FedValue.Valuation.ClosedForms;

/// <summary>
/// The game U(S) = 2 &lt;mean_S x, alpha&gt; - |mean_S x|^2 with U(empty) = 0, of n vectors and a target alpha: the surrogate behind
/// Gradient Shapley and CHG Shapley (arXiv 2406.11730, Theorem 1). Every semivalue of it has a closed form in inner products, O(n) once
/// they are known.
/// </summary>
/// <remarks>
/// The printed formula is 0/0 for n = 1 and n = 2; the form here has no division by n - 1 or n - 2 where the term vanishes.
/// </remarks>
public static class QuadraticGame
{
    /// <summary>The values of all players.</summary>
    /// <param name="semivalue">Which semivalue, for n players.</param>
    /// <param name="squaredNorms">|x_j|^2, n numbers.</param>
    /// <param name="withTotal">&lt;x_j, T&gt; with T = sum of all x, n numbers.</param>
    /// <param name="withAlpha">&lt;x_j, alpha&gt;, n numbers.</param>
    public static double[] Values(
        Semivalue semivalue, ReadOnlySpan<double> squaredNorms, ReadOnlySpan<double> withTotal, ReadOnlySpan<double> withAlpha)
    {
        int n = semivalue.Players;
        if (squaredNorms.Length != n || withTotal.Length != n || withAlpha.Length != n)
        {
            throw new ArgumentException($"A semivalue for {n} players needs {n} norms and inner products, " +
                $"but {squaredNorms.Length}, {withTotal.Length} and {withAlpha.Length} came.");
        }

        Coefficients k = Coefficients.Of(semivalue.SizeProbabilities);
        double squares = Sums.Compensated(squaredNorms);
        double totalSquare = Sums.Compensated(withTotal);
        double totalAlpha = Sums.Compensated(withAlpha);
        var values = new double[n];
        for (int j = 0; j < n; j++)
        {
            double square = squaredNorms[j];
            double withOthers = withTotal[j] - square;             // <x_j, T_j>
            double othersSquare = totalSquare - 2 * withTotal[j] + square; // |T_j|^2
            double squaresOfOthers = squares - square;             // Q_j
            values[j] = 2 * k.Alpha * withAlpha[j] - 2 * k.OthersAlpha * (totalAlpha - withAlpha[j])
                - k.Square * square - 2 * k.WithOthers * withOthers
                + k.SquaresOfOthers * squaresOfOthers + k.PairsOfOthers * (othersSquare - squaresOfOthers);
        }
        return values;
    }

    /// <summary>The six coefficients; A, B, a, b, c, e of the derivation, in this order.</summary>
    readonly record struct Coefficients(
        double Alpha, double OthersAlpha, double Square, double WithOthers, double SquaresOfOthers, double PairsOfOthers)
    {
        public static Coefficients Of(ReadOnlySpan<double> q)
        {
            double n = q.Length;
            double alpha = 0, othersAlpha = 0, square = 0, withOthers = 0, squaresOfOthers = 0, pairsOfOthers = 0;
            for (int size = q.Length - 1; size >= 0; size--)
            {
                double s = size, next = s + 1;
                alpha += q[size] / next;
                square += q[size] / (next * next);
                if (size >= 1)
                {
                    othersAlpha += q[size] / next;
                    withOthers += q[size] * s / (next * next);
                    squaresOfOthers += q[size] * (2 * s + 1) / (s * next * next);
                }
                if (size >= 2)
                    pairsOfOthers += q[size] * (s - 1) * (2 * s + 1) / (s * next * next);
            }
            double others = n - 1, pairs = (n - 1) * (n - 2);
            return new Coefficients(
                alpha,
                others > 0 ? othersAlpha / others : 0,
                square,
                others > 0 ? withOthers / others : 0,
                others > 0 ? squaresOfOthers / others : 0,
                pairs > 0 ? pairsOfOthers / pairs : 0);
        }
    }
}
