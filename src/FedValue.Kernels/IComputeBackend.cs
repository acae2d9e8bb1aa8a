namespace FedValue.Kernels;

/// <summary>
/// The one place where a round's matrix X (n updates x d weights) is computed with: the CPU here, a GPU later. Every backend promises the
/// bits of <see cref="CpuBackend"/>; one contract suite runs against each.
/// </summary>
public interface IComputeBackend
{
    /// <summary>A short name for reports.</summary>
    string Name { get; }

    /// <summary>How many threads it uses at most; changes no bit.</summary>
    int Threads { get; }

    /// <summary>X X' (n x n, row-major): inner products of all pairs of updates.</summary>
    double[] Gram(UpdateRows rows);

    /// <summary>X v (n): the inner product of every update with one vector of d doubles.</summary>
    double[] InnerProducts(UpdateRows rows, double[] vector);

    /// <summary>One update alone: its squared norm, then its inner products with k references of d floats (1 + k numbers).</summary>
    double[] Measure(UpdateRows rows, int row, IReadOnlyList<float[]> references);

    /// <summary>coefficients' X (d): the updates weighted and added in their order.</summary>
    double[] Combine(UpdateRows rows, ReadOnlySpan<double> coefficients);
}
