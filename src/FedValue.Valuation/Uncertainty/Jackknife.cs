namespace FedValue.Valuation.Uncertainty;

/// <summary>
/// The delete-a-block jackknife: how much a result depends on which validation rows were drawn. Replicate b is the same result computed
/// without block b; the standard error is sqrt((B-1)/B * sum_b (replicate_b - mean of replicates)^2) (Efron and Stein 1981).
/// </summary>
public static class Jackknife
{
    /// <summary>The number of validation blocks, fixed so that results of different runs compare.</summary>
    public const int Blocks = 20;

    /// <summary>The rows first .. end - 1 that make block b of so many rows: contiguous, sizes differing by at most one.</summary>
    public static (int First, int End) RowsOf(int block, int rows) =>
        ((int)((long)block * rows / Blocks), (int)((long)(block + 1) * rows / Blocks));

    /// <summary>Standard errors of n results from B x n replicates.</summary>
    public static double[] StandardErrors(IReadOnlyList<double[]> replicates, int count)
    {
        var errors = new double[count];
        int blocks = replicates.Count;
        for (int j = 0; j < count; j++)
        {
            double mean = 0;
            foreach (double[] replicate in replicates)
                mean += replicate[j];
            mean /= blocks;
            double squares = 0;
            foreach (double[] replicate in replicates)
                squares += (replicate[j] - mean) * (replicate[j] - mean);
            errors[j] = Math.Sqrt((blocks - 1.0) / blocks * squares);
        }
        return errors;
    }
}
