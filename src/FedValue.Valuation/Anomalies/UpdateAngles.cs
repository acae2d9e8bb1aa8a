using FedValue.Valuation.Methods;

namespace FedValue.Valuation.Anomalies;

/// <summary>Angles between a round's updates, read off its Gram matrix (n x n). Updates without direction have none.</summary>
sealed class UpdateAngles
{
    readonly int _count;
    readonly IReadOnlyList<double> _gram;
    readonly double[] _norms;
    readonly double[] _sums; // per update the sum of its inner products with all updates, itself included
    readonly double _total;

    public UpdateAngles(IReadOnlyList<double> gram, int count)
    {
        _count = count;
        _gram = gram;
        _norms = new double[count];
        _sums = new double[count];
        for (int i = 0; i < count; i++)
        {
            _norms[i] = Math.Sqrt(gram[i * count + i]);
            for (int j = 0; j < count; j++)
                _sums[i] += gram[i * count + j];
            _total += _sums[i];
        }
    }

    /// <summary>The cosine of two updates; null where one of them has no direction.</summary>
    public double? Between(int i, int j) =>
        Moves(_norms[i]) && Moves(_norms[j]) ? Math.Clamp(_gram[i * _count + j] / (_norms[i] * _norms[j]), -1, 1) : null;

    /// <summary>The cosine of update k with the sum of all others; null where one of them has no direction.</summary>
    public double? WithOthers(int k)
    {
        double square = _gram[k * _count + k];
        double others = Math.Sqrt(Math.Max(0, _total - 2 * _sums[k] + square));
        return Moves(_norms[k]) && Moves(others) ? Math.Clamp((_sums[k] - square) / (_norms[k] * others), -1, 1) : null;
    }

    static bool Moves(double norm) => norm > RoundGeometry.NormMin;
}
