using FedValue.Kernels;

namespace FedValue.Valuation.ClosedForms;

/// <summary>How much the rows of a matrix X span, from their Gram matrix G = X X' (n x n, row-major) alone.</summary>
public static class Leverage
{
    /// <summary>
    /// Ridge leverages x_i' (X'X + lambda I)^-1 x_i = [G (G + lambda I)^-1]_ii, n numbers in [0, 1): the dual form, n^3 operations.
    /// </summary>
    /// <param name="gram">G.</param>
    /// <param name="count">n.</param>
    /// <param name="lambda">Above 0.</param>
    public static double[] Ridge(IReadOnlyList<double> gram, int count, double lambda)
    {
        var factor = new Cholesky(count);
        for (int k = 0; k < count; k++)
        {
            var row = new double[k + 1];
            for (int i = 0; i <= k; i++)
                row[i] = gram[k * count + i] + (i == k ? lambda : 0);
            factor.Append(k, row, lambda);
        }
        var leverages = new double[count];
        var column = new double[count];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < count; k++)
                column[k] = gram[k * count + i];
            factor.Solve(column);
            leverages[i] = Math.Clamp(column[i], 0, 1); // rounding may step over an end
        }
        return leverages;
    }

    /// <summary>
    /// U(S) = log det(I + X_S X_S' / lambda) for all 2^n coalitions by mask, 0 for the empty one: each adds one row to the factor of the
    /// coalition without its last member.
    /// </summary>
    /// <param name="gram">G.</param>
    /// <param name="count">n, at most <see cref="Games.CoalitionTable.PlayersMax"/>.</param>
    /// <param name="lambda">Above 0.</param>
    public static double[] LogDeterminants(IReadOnlyList<double> gram, int count, double lambda)
    {
        var utilities = new double[1 << count];
        var factor = new Cholesky(count);
        var members = new int[count];
        Grow(0, 0, 0);
        return utilities;

        void Grow(int mask, int size, int next)
        {
            Span<double> row = stackalloc double[size + 1];
            for (int j = next; j < count; j++)
            {
                members[size] = j;
                for (int i = 0; i <= size; i++)
                    row[i] = gram[j * count + members[i]] / lambda;
                row[size] += 1;
                int grown = mask | 1 << j;
                utilities[grown] = utilities[mask] + Elementary.Log(factor.Append(size, row, pivotMin: 1));
                Grow(grown, size + 1, j + 1);
            }
        }
    }
}
