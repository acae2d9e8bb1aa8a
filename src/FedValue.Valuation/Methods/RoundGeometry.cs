namespace FedValue.Valuation.Methods;

/// <summary>
/// The geometry of a round: what most scores need and all they need. The vectors are pseudo-gradients x_k = base - local model of k; g is
/// the gradient of the mean validation loss at the base model, and g_(b) the same without validation block b.
/// </summary>
public sealed class RoundGeometry
{
    readonly Func<double[], double[]> _withCombination;
    readonly GradientProducts? _gradient;
    double[]? _gram;

    /// <summary>Collects norms and inner products.</summary>
    /// <param name="squaredNorms">|x_k|^2, n numbers.</param>
    /// <param name="withGradient">&lt;x_k, g&gt;, n numbers.</param>
    /// <param name="withGradientReplicates">&lt;x_k, g_(b)&gt;, blocks x n.</param>
    /// <param name="gradientSquare">|g|^2.</param>
    /// <param name="gradientSquareReplicates">|g_(b)|^2, one per block.</param>
    /// <param name="withCombination">
    /// Given n coefficients c: &lt;x_k, sum_i c_i x_i&gt; for every k, from the Gram matrix or from the updates.
    /// </param>
    /// <param name="gram">&lt;x_i, x_j&gt;, n x n row-major, where it is known already.</param>
    public RoundGeometry(
        double[] squaredNorms, double[] withGradient, double[][] withGradientReplicates,
        double gradientSquare, double[] gradientSquareReplicates, Func<double[], double[]> withCombination,
        double[]? gram = null)
        : this(squaredNorms, withCombination, gram)
    {
        _gradient = new GradientProducts(withGradient, gradientSquare);
        GradientReplicates =
            [.. withGradientReplicates.Zip(gradientSquareReplicates, (products, square) => new GradientProducts(products, square))];
    }

    /// <summary>Collects what there is where nobody has validation data: no gradient.</summary>
    /// <param name="squaredNorms">|x_k|^2, n numbers.</param>
    /// <param name="withCombination">As in the other constructor.</param>
    /// <param name="gram">As in the other constructor.</param>
    public RoundGeometry(double[] squaredNorms, Func<double[], double[]> withCombination, double[]? gram = null)
    {
        SquaredNorms = squaredNorms;
        GradientReplicates = [];
        _withCombination = withCombination;
        _gram = gram;
    }

    /// <summary>Norms at or below this count as zero: such an update has no direction.</summary>
    public const double NormMin = 1e-12;

    /// <summary>n, the number of updates.</summary>
    public int Count => SquaredNorms.Count;

    /// <summary>|x_k|^2, n numbers.</summary>
    public IReadOnlyList<double> SquaredNorms { get; }

    /// <summary>Inner products with the validation gradient.</summary>
    /// <exception cref="InvalidOperationException">There is no validation data.</exception>
    public GradientProducts Gradient => _gradient ?? throw new InvalidOperationException(
        "There is no validation gradient without validation data; a method that reads it says so in its needs.");

    /// <summary>The same without each validation block.</summary>
    public IReadOnlyList<GradientProducts> GradientReplicates { get; }

    /// <summary>|x_k|.</summary>
    public double Norm(int k) => Math.Sqrt(SquaredNorms[k]);

    /// <summary>&lt;x_k, sum_i c_i x_i&gt; for every k.</summary>
    public double[] WithCombination(double[] coefficients) => _withCombination(coefficients);

    /// <summary>&lt;x_i, x_j&gt;, n x n row-major: the known matrix, or column by column from the updates, which costs about the same.</summary>
    public IReadOnlyList<double> Gram()
    {
        if (_gram is not null)
            return _gram;
        int n = Count;
        var gram = new double[n * n];
        for (int j = 0; j < n; j++)
        {
            var pick = new double[n];
            pick[j] = 1;
            double[] column = WithCombination(pick);
            for (int i = 0; i < n; i++)
                gram[i * n + j] = column[i];
        }
        return _gram = gram;
    }

    /// <summary>Coefficients that scale every x_k to norm 1; 0 for an update without direction, which stays the zero vector.</summary>
    public double[] UnitCoefficients() =>
        [.. Enumerable.Range(0, Count).Select(k => Norm(k) > NormMin ? 1 / Norm(k) : 0)];

    /// <summary>Products with <see cref="WithCombination"/> read off a Gram matrix (n x n, row-major), summed in ascending i.</summary>
    public static Func<double[], double[]> FromGram(double[] gram) => coefficients =>
    {
        int n = coefficients.Length;
        var products = new double[n];
        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < n; i++)
                products[k] += coefficients[i] * gram[k * n + i];
        }
        return products;
    };
}

/// <summary>Inner products of all updates with one gradient.</summary>
/// <param name="Products">&lt;x_k, g&gt;, n numbers.</param>
/// <param name="Square">|g|^2.</param>
public sealed record GradientProducts(IReadOnlyList<double> Products, double Square)
{
    /// <summary>|g|.</summary>
    public double Norm { get; } = Math.Sqrt(Square);
}
