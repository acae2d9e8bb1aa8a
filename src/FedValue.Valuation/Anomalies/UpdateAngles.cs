using FedValue.Valuation.Methods;

namespace FedValue.Valuation.Anomalies;

/// <summary>Angles between a round's updates, read off its Gram matrix. Updates without direction have none.</summary>
sealed class UpdateAngles
{
    readonly int _count;
    readonly double[] _cosines; // n x n, 0 where an update has no direction
    readonly double[] _sums;    // per update the sum of its cosines with all moving updates, itself included
    readonly double[] _norms;
    readonly IReadOnlyList<double> _gram;
    readonly int _moving;
    readonly double _total;

    public UpdateAngles(IReadOnlyList<double> gram, int count)
    {
        _count = count;
        _gram = gram;
        _norms = [.. Enumerable.Range(0, count).Select(k => Math.Sqrt(gram[k * count + k]))];
        _cosines = new double[count * count];
        _sums = new double[count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                if (Moves(i) && Moves(j))
                    _cosines[i * count + j] = i == j ? 1 : Math.Clamp(gram[i * count + j] / (_norms[i] * _norms[j]), -1, 1);
                _sums[i] += _cosines[i * count + j];
            }
            _total += _sums[i];
            _moving += Moves(i) ? 1 : 0;
        }
    }

    /// <summary>Whether update k has a direction.</summary>
    public bool Moves(int k) => _norms[k] > RoundGeometry.NormMin;

    /// <summary>The cosine of update k with the sum of all others; null where one of them has no direction.</summary>
    public double? WithOthers(int k)
    {
        double product = 0, square = 0;
        for (int i = 0; i < _count; i++)
        {
            product += i == k ? 0 : _gram[k * _count + i];
            for (int j = 0; j < _count; j++)
                square += i == k || j == k ? 0 : _gram[i * _count + j];
        }
        double others = Math.Sqrt(Math.Max(0, square));
        return Moves(k) && others > RoundGeometry.NormMin ? Math.Clamp(product / (_norms[k] * others), -1, 1) : null;
    }

    /// <summary>
    /// The cosine of what sets two updates apart from the rest: of u_i - m and u_j - m, where u are the updates at norm 1 and m is the mean of
    /// all others. Participants who merely learn the same thing share m, so honest ones stay below 1 however much data they hold.
    /// Null for fewer than three moving updates.
    /// </summary>
    public double? BeyondOthers(int i, int j)
    {
        if (!Moves(i) || !Moves(j) || _moving < 3)
            return null;
        double others = _moving - 2, cosine = _cosines[i * _count + j];
        double withI = (_sums[i] - 1 - cosine) / others, withJ = (_sums[j] - 1 - cosine) / others;
        double square = (_total - 2 * _sums[i] - 2 * _sums[j] + 2 + 2 * cosine) / (others * others);
        double product = cosine - withI - withJ + square;
        double squares = (1 - 2 * withI + square) * (1 - 2 * withJ + square);
        return squares > 1e-20 ? Math.Clamp(product / Math.Sqrt(squares), -1, 1) : null;
    }
}
