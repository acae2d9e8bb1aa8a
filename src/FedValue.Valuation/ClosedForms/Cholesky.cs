namespace FedValue.Valuation.ClosedForms;

/// <summary>
/// The Cholesky factor L of a small positive definite matrix A = L L', grown one row at a time in plain double loops of fixed order: the same
/// bits everywhere. A row that is no longer wanted is overwritten.
/// </summary>
sealed class Cholesky(int size)
{
    readonly double[] _factor = new double[size * size];

    /// <summary>
    /// Appends row and column k = 0, 1, 2, ...; returns the pivot L_kk^2, by which the determinant grows. A pivot below the smallest one, which
    /// only rounding leaves, counts as that.
    /// </summary>
    /// <param name="k">How many rows stand already.</param>
    /// <param name="row">A_k0 .. A_kk.</param>
    /// <param name="pivotMin">What mathematics says the pivot is at least, above 0.</param>
    public double Append(int k, ReadOnlySpan<double> row, double pivotMin)
    {
        double squares = 0;
        for (int i = 0; i < k; i++)
        {
            double rest = row[i];
            for (int m = 0; m < i; m++)
                rest -= _factor[k * size + m] * _factor[i * size + m];
            double entry = rest / _factor[i * size + i];
            _factor[k * size + i] = entry;
            squares += entry * entry;
        }
        double pivot = Math.Max(pivotMin, row[k] - squares);
        _factor[k * size + k] = Math.Sqrt(pivot);
        return pivot;
    }

    /// <summary>Solves A y = b for all appended rows, in place.</summary>
    public void Solve(Span<double> b)
    {
        int n = b.Length;
        for (int i = 0; i < n; i++)
        {
            for (int m = 0; m < i; m++)
                b[i] -= _factor[i * size + m] * b[m];
            b[i] /= _factor[i * size + i];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            for (int m = i + 1; m < n; m++)
                b[i] -= _factor[m * size + i] * b[m];
            b[i] /= _factor[i * size + i];
        }
    }
}
