namespace FedValue.Valuation.ClosedForms;

/// <summary>
/// Utilities of the renormalized weighted mean m_S = sum_S w x / sum_S w for all coalitions, from inner products alone: what FedAvg by
/// number of examples makes of a coalition. m of the empty coalition is 0. There is no closed form of its values: the denominator varies.
/// </summary>
public sealed class WeightedMeanGame
{
    readonly double[] _weights;
    readonly double[] _totals; // sum_S w by mask

    /// <summary>Takes n weights of 0 or more; n at most <see cref="Games.CoalitionTable.PlayersMax"/>.</summary>
    public WeightedMeanGame(IReadOnlyList<double> weights)
    {
        _weights = [.. weights];
        _totals = Additive(_weights);
    }

    /// <summary>&lt;m_S, v&gt; by mask, from the n inner products &lt;x_k, v&gt;.</summary>
    public double[] Linear(IReadOnlyList<double> products)
    {
        double[] sums = Additive([.. _weights.Select((weight, k) => weight * products[k])]);
        for (int mask = 1; mask < sums.Length; mask++)
            sums[mask] = Mean(sums[mask], _totals[mask]);
        return sums;
    }

    /// <summary>|m_S|^2 by mask, from the Gram matrix (n x n, row-major).</summary>
    public double[] Square(IReadOnlyList<double> gram)
    {
        int n = _weights.Length;
        var squares = new double[1 << n];
        for (int mask = 1; mask < squares.Length; mask++)
        {
            int j = int.Log2(mask), others = mask ^ (1 << j); // |s + w x|^2 = |s|^2 + w (2 <x, s> + w |x|^2)
            double withOthers = 0;
            for (int i = 0; i < j; i++)
            {
                if ((others >> i & 1) == 1)
                    withOthers += _weights[i] * gram[j * n + i];
            }
            squares[mask] = squares[others] + _weights[j] * (2 * withOthers + _weights[j] * gram[j * n + j]);
        }
        for (int mask = 1; mask < squares.Length; mask++)
            squares[mask] = Mean(Mean(squares[mask], _totals[mask]), _totals[mask]);
        return squares;
    }

    static double Mean(double sum, double weight) => weight > 0 ? sum / weight : 0;

    static double[] Additive(double[] terms)
    {
        var sums = new double[1 << terms.Length];
        for (int mask = 1; mask < sums.Length; mask++)
        {
            int j = int.Log2(mask);
            sums[mask] = sums[mask ^ (1 << j)] + terms[j];
        }
        return sums;
    }
}
