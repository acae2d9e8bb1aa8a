using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Kernels;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>
/// Measures models of a round on the server's validation rows, each kind when a method first asks for it. Where there are no rows, or no known
/// layers, such a question is a mistake: methods say what they need.
/// </summary>
sealed class RoundMeasurements(
    RoundUpdates updates, double[] weights, ValidationSet? validationRows, Network? network, IComputeBackend backend) : IRoundMeasurements
{
    double[][]? _ownLosses;
    double[]? _mean;
    double[]? _meanDrop;
    double[]? _weightedDrop;
    double[][]? _lossesWithout;
    double[][]? _blockCurvature; // blocks x n, sums over the rows of a block
    double[][]? _curvature;
    ClassProducts[]? _lastLayer;

    ValidationSet Validation => validationRows ?? throw new InvalidOperationException(
        "Nothing can be measured without validation data; a method that asks for it says so in its needs.");

    public IReadOnlyList<double[]> OwnLosses => _ownLosses ??= ForEachUpdate(k => LossesOf(updates.Rows.Model(k).ToArray()));

    public IReadOnlyList<double> MeanDrop => _meanDrop ??= DropOf(() => backend.Combine(updates.Rows, Equal(updates.Count)));

    public IReadOnlyList<double> WeightedDrop => _weightedDrop ??= DropOf(() => Mean);

    public IReadOnlyList<double[]> LossesWithout => _lossesWithout ??= MeasureWithout();

    public IReadOnlyList<double[]> CurvatureProducts => _curvature ??= MeasureCurvature();

    public IReadOnlyList<ClassProducts> LastLayer => _lastLayer ??= MeasureLastLayer();

    /// <summary>
    /// What was measured, F64: <c>own_losses</c> [n, 1 + blocks], <c>mean_drop</c> [1 + blocks], <c>weighted_drop</c> [1 + blocks],
    /// <c>losses_without</c> [n, 1 + blocks], <c>curvature_products</c> [blocks, n] summed over the rows of each block,
    /// <c>class_squares</c> and <c>class_products</c> [classes, n].
    /// </summary>
    public IEnumerable<Tensor> Tensors()
    {
        int n = updates.Count;
        if (_ownLosses is not null)
            yield return Tensor.OfDoubles("own_losses", [n, Utilities.Columns], [.. _ownLosses.SelectMany(l => l)]);
        if (_meanDrop is not null)
            yield return Tensor.OfDoubles("mean_drop", [Utilities.Columns], _meanDrop);
        if (_weightedDrop is not null)
            yield return Tensor.OfDoubles("weighted_drop", [Utilities.Columns], _weightedDrop);
        if (_lossesWithout is not null)
            yield return Tensor.OfDoubles("losses_without", [n, Utilities.Columns], [.. _lossesWithout.SelectMany(l => l)]);
        if (_blockCurvature is not null)
            yield return Tensor.OfDoubles("curvature_products", [Jackknife.Blocks, n], [.. _blockCurvature.SelectMany(p => p)]);
        if (_lastLayer is not null)
        {
            yield return Tensor.OfDoubles("class_squares", [_lastLayer.Length, n], [.. _lastLayer.SelectMany(c => c.Squares)]);
            yield return Tensor.OfDoubles("class_products", [_lastLayer.Length, n], [.. _lastLayer.SelectMany(c => c.WithMean)]);
        }
    }

    /// <summary>sum_k p_k x_k (d), which several figures need.</summary>
    double[] Mean => _mean ??= backend.Combine(updates.Rows, weights);

    /// <summary>loss(base) - loss(base + weighted sum of the updates), per column.</summary>
    double[] DropOf(Func<double[]> combination)
    {
        float[] before = updates.Rows.Base.ToArray();
        float[] after = [.. before];
        if (updates.Count > 0)
        {
            double[] sum = combination();
            for (int i = 0; i < after.Length; i++)
                after[i] = (float)(before[i] + sum[i]);
        }
        double[] lossBefore = LossesOf(before), lossAfter = LossesOf(after);
        return [.. lossBefore.Zip(lossAfter, (b, a) => b - a)];
    }

    /// <summary>Losses of base + (sum_j p_j D_j - p_k D_k) / (1 - p_k); of the base where k is alone.</summary>
    double[][] MeasureWithout()
    {
        if (updates.Count == 0)
            return [];
        double[] all = Mean;
        return ForEachUpdate(k =>
        {
            float[] model = updates.Rows.Base.ToArray();
            if (updates.Count > 1)
            {
                double rest = 1 - weights[k];
                ReadOnlySpan<float> local = updates.Rows.Model(k);
                for (int i = 0; i < model.Length; i++)
                    model[i] = (float)(model[i] + (all[i] - weights[k] * ((double)local[i] - model[i])) / rest);
            }
            return LossesOf(model);
        });
    }

    double[][] MeasureCurvature()
    {
        const int blocks = Jackknife.Blocks;
        int n = updates.Count, rows = Validation.Rows.Count;
        if (n == 0)
        {
            _blockCurvature = [.. Enumerable.Repeat(Array.Empty<double>(), blocks)];
            return [.. Enumerable.Range(0, Utilities.Columns).Select(_ => Array.Empty<double>())];
        }

        // Update and pseudo-gradient differ in sign, which the two factors share.
        float[] model = updates.Rows.Base.ToArray();
        double[] direction = Mean;
        var vectors = new double[blocks][];
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = backend.Threads }, b =>
            vectors[b] = Validation.HessianProduct(model, direction, b));
        _blockCurvature = backend.Read(updates.Rows, new() { Vectors = vectors }).Products;

        var total = new double[n];
        foreach (double[] products in _blockCurvature)
        {
            for (int k = 0; k < n; k++)
                total[k] += products[k];
        }
        double[][] without =
        [
            .. Enumerable.Range(0, blocks).Select(b =>
                (double[])[.. total.Select((sum, k) => (sum - _blockCurvature[b][k]) / (rows - Validation.RowsIn(b)))]),
        ];
        return [[.. total.Select(sum => sum / rows)], .. without];
    }

    ClassProducts[] MeasureLastLayer()
    {
        DenseLayer last = (network ?? throw new InvalidOperationException(
            "Only a native model has a known last layer; a method that asks for it says so in its needs.")).Layers[^1];
        int n = updates.Count, width = last.Inputs + 1;
        var classes = new ClassProducts[last.Outputs];
        var rows = new double[n][];
        for (int c = 0; c < classes.Length; c++)
        {
            var mean = new double[width];
            for (int k = 0; k < n; k++)
            {
                rows[k] = LogitUpdate(last, c, k);
                for (int i = 0; i < width; i++)
                    mean[i] += weights[k] * rows[k][i];
            }
            classes[c] = new ClassProducts([.. rows.Select(row => Dot(row, row))], [.. rows.Select(row => Dot(row, mean))]);
        }
        return classes;
    }

    /// <summary>The update of the weights and the bias of one logit, in double.</summary>
    double[] LogitUpdate(DenseLayer last, int logit, int k)
    {
        ReadOnlySpan<float> from = updates.Rows.Base, to = updates.Rows.Model(k);
        var update = new double[last.Inputs + 1];
        for (int i = 0; i <= last.Inputs; i++)
        {
            int at = i < last.Inputs ? last.WeightOffset + logit * last.Inputs + i : last.BiasOffset + logit;
            update[i] = (double)to[at] - from[at];
        }
        return update;
    }

    double[] LossesOf(float[] model) => Utilities.Losses(Validation, Validation.Score(model));

    double[][] ForEachUpdate(Func<int, double[]> measure)
    {
        var results = new double[updates.Count][];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = backend.Threads }, k => results[k] = measure(k));
        return results;
    }

    static double[] Equal(int n)
    {
        var equal = new double[n];
        Array.Fill(equal, 1.0 / n);
        return equal;
    }

    static double Dot(double[] left, double[] right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
