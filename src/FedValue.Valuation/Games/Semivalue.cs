namespace FedValue.Valuation.Games;

/// <summary>
/// A semivalue: a player's marginal contribution U(S+j) - U(S), averaged over the coalitions S of each size s and then over sizes with
/// probabilities q_s, s = 0 .. n-1 (Dubey, Neyman, Weber 1981).
/// </summary>
public sealed class Semivalue
{
    readonly double[] _sizes;

    Semivalue(double[] sizes) => _sizes = sizes;

    /// <summary>n, the number of players.</summary>
    public int Players => _sizes.Length;

    /// <summary>q_0 .. q_{n-1}; they sum to 1.</summary>
    public ReadOnlySpan<double> SizeProbabilities => _sizes;

    /// <summary>A semivalue with the given size distribution.</summary>
    /// <param name="sizeProbabilities">q_0 .. q_{n-1}: 0 or more each, summing to 1 up to rounding.</param>
    /// <exception cref="ArgumentException">They are no probabilities.</exception>
    public static Semivalue WithSizes(params ReadOnlySpan<double> sizeProbabilities)
    {
        const double roundingMax = 1e-9;
        double sum = 0;
        foreach (double q in sizeProbabilities)
        {
            if (!(q >= 0))
            {
                throw new ArgumentException(
                    $"The probability of a coalition size must be 0 or more, but {q} came.", nameof(sizeProbabilities));
            }
            sum += q;
        }
        if (sizeProbabilities.Length > 0 && !(Math.Abs(sum - 1) <= roundingMax))
        {
            throw new ArgumentException(
                $"The probabilities of the coalition sizes must sum to 1, but they sum to {sum}.", nameof(sizeProbabilities));
        }
        return new Semivalue(sizeProbabilities.ToArray());
    }

    /// <summary>Shapley: every size equally likely, q_s = 1/n. The only one whose values sum to U(N) - U(empty).</summary>
    public static Semivalue Shapley(int players)
    {
        var sizes = new double[players];
        Array.Fill(sizes, 1.0 / players);
        return new Semivalue(sizes);
    }

    /// <summary>Banzhaf: every coalition equally likely, q_s = C(n-1, s) / 2^(n-1).</summary>
    /// <param name="players">At most 1,023: beyond, 2^-(n-1) is no normal double.</param>
    public static Semivalue Banzhaf(int players)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(players, 1023);
        var sizes = new double[players];
        double q = 1;
        for (int i = 1; i < players; i++)
            q /= 2;
        for (int s = 0; s < players; s++)
        {
            sizes[s] = q;
            q = q * (players - 1 - s) / (s + 1);
        }
        return new Semivalue(sizes);
    }

    /// <summary>
    /// Beta(alpha, beta) (Kwon and Zou 2022): q_s = C(n-1, s) B(s + beta, n - 1 - s + alpha) / B(alpha, beta), by the ratio of neighbours.
    /// A large alpha puts the weight on small coalitions, a large beta on large ones; Beta(1, 1) is Shapley.
    /// </summary>
    /// <param name="players">n.</param>
    /// <param name="alpha">Positive.</param>
    /// <param name="beta">Positive.</param>
    public static Semivalue Beta(int players, double alpha, double beta)
    {
        const double largest = 1e100; // far from overflow, whatever the next ratio
        if (!(alpha > 0 && beta > 0) || double.IsInfinity(alpha) || double.IsInfinity(beta))
            throw new ArgumentException($"Alpha and beta must be positive and finite, but {alpha} and {beta} came.");
        var sizes = new double[players];
        double q = 1, sum = 0;
        for (int s = 0; s < players; s++)
        {
            sizes[s] = q;
            sum += q;
            double ratio = (players - 1.0 - s) / (s + 1) * ((s + beta) / (players - 2.0 - s + alpha));
            q = s < players - 1 ? q * ratio : 0;
            if (q <= largest)
                continue;
            for (int t = 0; t <= s; t++)
                sizes[t] /= q;
            (sum, q) = (sum / q, 1);
        }
        for (int s = 0; s < players; s++)
            sizes[s] /= sum;
        return new Semivalue(sizes);
    }

    /// <summary>Leave-one-out: only the coalition of all others, q_{n-1} = 1.</summary>
    public static Semivalue LeaveOneOut(int players)
    {
        var sizes = new double[players];
        if (players > 0)
            sizes[^1] = 1;
        return new Semivalue(sizes);
    }

    /// <summary>The values of all players in one column of a table, exactly by definition.</summary>
    public double[] Values(CoalitionTable table, int column)
    {
        if (table.Players != Players)
            throw new ArgumentException($"A semivalue for {Players} players came to a table of {table.Players}.", nameof(table));
        var values = new double[Players];
        var sumOfSize = new double[Players];
        for (int player = 0; player < Players; player++)
        {
            Array.Clear(sumOfSize);
            int bit = 1 << player;
            for (int mask = 0; mask < 1 << Players; mask++)
            {
                if ((mask & bit) == 0)
                    sumOfSize[int.PopCount(mask)] += table[mask | bit, column] - table[mask, column];
            }
            double coalitions = 1; // C(n-1, s)
            for (int s = 0; s < Players; s++)
            {
                if (_sizes[s] != 0)
                    values[player] += _sizes[s] * (sumOfSize[s] / coalitions);
                coalitions = coalitions * (Players - 1 - s) / (s + 1);
            }
        }
        return values;
    }
}
