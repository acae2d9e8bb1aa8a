namespace FedValue.Kernels;

/// <summary>What one reading of a round's matrix X (n updates x d weights) is asked for.</summary>
public sealed record FiguresWanted
{
    /// <summary>n coefficients w, which say what the combination w' X is.</summary>
    public double[]? Coefficients { get; init; }

    /// <summary>Receives the combination: d doubles, which the caller may use again, because new memory costs more than what is computed.</summary>
    public double[]? Combination { get; init; }

    /// <summary>The inner product of every update with the combination.</summary>
    public bool AlongCombination { get; init; }

    /// <summary>The squared norms of all updates.</summary>
    public bool SquaredNorms { get; init; }

    /// <summary>k vectors of d doubles ask for the inner products of every update with each.</summary>
    public IReadOnlyList<double[]> Vectors { get; init; } = [];

    /// <summary>The inner products of all pairs of updates.</summary>
    public bool Gram { get; init; }

    /// <summary>Throws when something does not fit the round.</summary>
    /// <exception cref="ArgumentException">Not n coefficients, or a vector or combination without d numbers.</exception>
    public void ThrowIfUnfit(UpdateRows rows)
    {
        if (Coefficients is not null && Coefficients.Length != rows.Count)
            throw new ArgumentException($"There are {rows.Count} updates, but {Coefficients.Length} coefficients came.", nameof(Coefficients));
        if ((Combination is not null || AlongCombination) && Coefficients is null)
            throw new ArgumentException("A combination of the updates needs coefficients, one for each.", nameof(Coefficients));
        if (Combination is not null && Combination.Length != rows.Length)
        {
            throw new ArgumentException(
                $"The updates have {rows.Length} weights, but there is room for {Combination.Length} of their combination.", nameof(Combination));
        }
        foreach (double[] vector in Vectors)
        {
            if (vector.Length != rows.Length)
                throw new ArgumentException($"The updates have {rows.Length} weights, but the vector has {vector.Length}.", nameof(Vectors));
        }
    }
}

/// <summary>The figures of a round; what was not asked for is empty.</summary>
/// <param name="AlongCombination">X (X' w) (n): the inner product of every update with the combination.</param>
/// <param name="SquaredNorms">||x_i||^2 (n).</param>
/// <param name="Products">X v (n) for each of the k vectors.</param>
/// <param name="Gram">X X' (n x n, row-major).</param>
public sealed record RoundFigures(double[] AlongCombination, double[] SquaredNorms, double[][] Products, double[] Gram);
