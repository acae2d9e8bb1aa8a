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

    /// <summary>Everything that is wanted of a round, in one reading of X.</summary>
    /// <exception cref="ArgumentException">Coefficients or vectors do not fit the round.</exception>
    RoundFigures Read(UpdateRows rows, FiguresWanted wanted);

    /// <summary>One update alone: its squared norm, then its inner products with k references of d floats (1 + k numbers).</summary>
    double[] Measure(UpdateRows rows, int row, IReadOnlyList<float[]> references);
}

/// <summary>Readings for one kind of figure.</summary>
public static class SingleFigures
{
    /// <summary>X X' (n x n, row-major): inner products of all pairs of updates.</summary>
    public static double[] Gram(this IComputeBackend backend, UpdateRows rows) => backend.Read(rows, new() { Gram = true }).Gram;

    /// <summary>X v (n): the inner product of every update with one vector of d doubles.</summary>
    public static double[] InnerProducts(this IComputeBackend backend, UpdateRows rows, double[] vector) =>
        backend.Read(rows, new() { Vectors = [vector] }).Products[0];

    /// <summary>coefficients' X (d): the updates weighted and added in their order.</summary>
    public static double[] Combine(this IComputeBackend backend, UpdateRows rows, double[] coefficients)
    {
        double[] combination = GC.AllocateUninitializedArray<double>(rows.Length);
        backend.Read(rows, new() { Coefficients = coefficients, Combination = combination });
        return combination;
    }
}
