using FedValue.Kernels;

namespace FedValue.Contracts.Kernels;

/// <summary>What the kernels compute, said as plainly as possible: scalar, in double, from left to right.</summary>
public static class Reference
{
    /// <summary>Row i of X: local model minus base model.</summary>
    public static double[] Row(UpdateRows rows, int i)
    {
        var row = new double[rows.Length];
        for (int k = 0; k < row.Length; k++)
            row[k] = (double)rows.Model(i)[k] - rows.Base[k];
        return row;
    }

    /// <summary>sum_k a_k b_k.</summary>
    public static double Dot(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Count; k++)
            sum += a[k] * b[k];
        return sum;
    }

    /// <summary>
    /// How far two sums of the same products can be apart when they only add in different orders: each is within (d + 1) 2^-53 of
    /// sum_k |a_k b_k| of the truth (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1).
    /// </summary>
    public static double DotTolerance(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double magnitude = 0;
        for (int k = 0; k < a.Count; k++)
            magnitude += Math.Abs(a[k] * b[k]);
        return 2 * (a.Count + 1) * Math.ScaleB(1, -53) * magnitude;
    }

    /// <summary>coefficients' X.</summary>
    public static double[] Combine(UpdateRows rows, ReadOnlySpan<double> coefficients)
    {
        var sum = new double[rows.Length];
        for (int i = 0; i < rows.Count; i++)
        {
            double[] row = Row(rows, i);
            for (int k = 0; k < sum.Length; k++)
                sum[k] += coefficients[i] * row[k];
        }
        return sum;
    }
}
