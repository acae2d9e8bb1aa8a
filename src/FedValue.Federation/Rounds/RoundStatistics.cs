using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Kernels;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>
/// A round's figures: what most methods need, and what is kept so that their values can be recomputed after the updates are deleted.
/// </summary>
sealed class RoundStatistics
{
    readonly RoundUpdates _updates;
    readonly IReadOnlyList<double[]> _figures; // per update: squared norm, then inner products with the block gradients
    readonly ValidationSet? _validation;
    readonly double[] _gradientGram = []; // blocks x blocks, where there is validation data
    readonly double[]? _gram;
    readonly IComputeBackend _backend;
    readonly RoundMeasurements _measurements;

    public RoundStatistics(
        RoundUpdates updates, IReadOnlyList<double[]> figures, float[][] blockGradients, ValidationSet? validation, Network? network,
        int gramLimit, IComputeBackend backend)
    {
        _updates = updates;
        _figures = figures;
        _validation = validation;
        _backend = backend;
        if (validation is not null)
            _gradientGram = backend.Gram(new UpdateRows(new float[updates.Rows.Length], blockGradients));
        _gram = updates.Count <= gramLimit ? backend.Gram(updates.Rows) : null;
        Weights = updates.Weights(updates.Everyone);
        Geometry = BuildGeometry();
        _measurements = new RoundMeasurements(updates, Weights, validation, network, backend);
    }

    /// <summary>p_k, n numbers.</summary>
    public double[] Weights { get; }

    public RoundGeometry Geometry { get; }

    /// <summary>What is measured when a method first asks for it.</summary>
    public IRoundMeasurements Measurements => _measurements;

    /// <summary>
    /// F64 <c>squared_norms</c> [n] of local minus base model; <c>gradient_products</c> [n, blocks] with the summed loss gradient of each
    /// validation block and <c>gradient_gram</c> [blocks, blocks], both where there is validation data; <c>weights</c> [n]; <c>gram</c> [n, n] up
    /// to the terms' limit; and what methods had measured (<see cref="RoundMeasurements.Tensors"/>).
    /// </summary>
    public byte[] ToBlob()
    {
        int n = _updates.Count;
        var tensors = new List<Tensor> { Tensor.OfDoubles("squared_norms", [n], SquaredNorms) };
        if (_validation is not null)
        {
            tensors.Add(Tensor.OfDoubles("gradient_products", [n, Jackknife.Blocks], [.. _figures.SelectMany(f => f[1..])]));
            tensors.Add(Tensor.OfDoubles("gradient_gram", [Jackknife.Blocks, Jackknife.Blocks], _gradientGram));
        }
        tensors.Add(Tensor.OfDoubles("weights", [n], Weights));
        if (_gram is not null)
            tensors.Add(Tensor.OfDoubles("gram", [n, n], _gram));
        tensors.AddRange(_measurements.Tensors());
        return SafetensorsWriter.Write(tensors);
    }

    double[] SquaredNorms => [.. _figures.Select(f => f[0])];

    RoundGeometry BuildGeometry()
    {
        Func<double[], double[]> withCombination = _gram is null ? FromUpdates : RoundGeometry.FromGram(_gram);
        if (_validation is null)
            return new RoundGeometry(SquaredNorms, withCombination, _gram);
        const int blocks = Jackknife.Blocks;
        int n = _updates.Count, rows = _validation.Rows.Count;

        // Block gradients are sums over rows, and the pseudo-gradient is minus the update.
        double[] sums = [.. _figures.Select(f => Sum(f.AsSpan(1)))];
        double[] all = [.. sums.Select(sum => -sum / rows)];
        double[] gramRows = [.. Enumerable.Range(0, blocks).Select(b => Sum(_gradientGram.AsSpan(b * blocks, blocks)))];
        double square = Sum(gramRows);

        var without = new double[blocks][];
        var squaresWithout = new double[blocks];
        for (int b = 0; b < blocks; b++)
        {
            int block = b;
            double rest = rows - _validation.RowsIn(b);
            without[b] = [.. Enumerable.Range(0, n).Select(k => -(sums[k] - _figures[k][1 + block]) / rest)];
            squaresWithout[b] = Math.Max(0, square - 2 * gramRows[b] + _gradientGram[b * blocks + b]) / (rest * rest);
        }
        return new RoundGeometry(
            SquaredNorms, all, without, square / ((double)rows * rows), squaresWithout, withCombination, _gram);
    }

    /// <summary>Above the Gram limit: one reading of the round gives the combination and the products with it.</summary>
    double[] FromUpdates(double[] coefficients) =>
        _backend.Read(_updates.Rows, new() { Coefficients = coefficients, AlongCombination = true }).AlongCombination;

    static double Sum(ReadOnlySpan<double> terms)
    {
        double sum = 0;
        foreach (double term in terms)
            sum += term;
        return sum;
    }
}
