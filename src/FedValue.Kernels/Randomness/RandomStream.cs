namespace FedValue.Kernels.Randomness;

/// <summary>
/// What a stream of random numbers is for. Streams of different purposes never share a draw; the numbers are part of every seed.
/// </summary>
public enum RandomPurpose : uint
{
    /// <summary>Which rows train, validate and test.</summary>
    Split = 1,

    /// <summary>Which participant holds which row.</summary>
    Partition = 2,

    /// <summary>What a corruption changes.</summary>
    Corruption = 3,

    /// <summary>The model before the first round.</summary>
    Initialization = 4,

    /// <summary>The order of a participant's rows in local training.</summary>
    Training = 5,

    /// <summary>Which participants a round invites.</summary>
    Cohort = 6,

    /// <summary>Which aggregator FedRandom draws for a round.</summary>
    AggregatorDraw = 7,

    /// <summary>Permutations of a sampled semivalue.</summary>
    Permutation = 8,

    /// <summary>Coalitions of a sampled semivalue.</summary>
    Coalition = 9,
}

/// <summary>
/// A stream of random numbers named by (seed, purpose, a, b): reproducible, independent of every other stream and of threads. Position i
/// of the stream is <see cref="Philox"/> of the counter (i, purpose, a, b) under the key seed.
/// </summary>
public sealed class RandomStream
{
    readonly uint _key0, _key1, _purpose, _a, _b;
    uint _position;
    int _left;
    uint _w1, _w2, _w3;
    double _spareNormal = double.NaN;

    /// <summary>Opens the stream at its beginning.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="a">Usually the round.</param>
    /// <param name="b">Usually the participant or sample.</param>
    public RandomStream(long seed, RandomPurpose purpose, uint a = 0, uint b = 0)
    {
        _key0 = (uint)seed;
        _key1 = (uint)(seed >> 32);
        _purpose = (uint)purpose;
        _a = a;
        _b = b;
    }

    /// <summary>32 uniform bits.</summary>
    public uint NextBits()
    {
        if (_left == 0)
        {
            uint first;
            (first, _w1, _w2, _w3) = Philox.Block(checked(_position++), _purpose, _a, _b, _key0, _key1);
            _left = 3;
            return first;
        }
        return _left-- switch { 3 => _w1, 2 => _w2, _ => _w3 };
    }

    /// <summary>A uniform integer 0 .. bound - 1, unbiased (rejection, Lemire 2019).</summary>
    /// <param name="bound">1 or more.</param>
    public int NextInteger(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        uint range = (uint)bound;
        ulong product = (ulong)NextBits() * range;
        if ((uint)product < range)
        {
            uint threshold = (uint)(0x1_0000_0000UL % range);
            while ((uint)product < threshold)
                product = (ulong)NextBits() * range;
        }
        return (int)(product >> 32);
    }

    /// <summary>A uniform double in [0, 1): a multiple of 2^-53.</summary>
    public double NextDouble()
    {
        ulong high = NextBits();
        return ((high << 21) ^ (NextBits() >> 11)) * (1.0 / (1UL << 53));
    }

    /// <summary>A uniform double in (0, 1): never 0, so that its logarithm is finite.</summary>
    public double NextPositiveDouble()
    {
        double u;
        do
            u = NextDouble();
        while (u == 0);
        return u;
    }

    /// <summary>A standard normal draw by Marsaglia's polar method.</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        double u, v, s;
        do
        {
            u = 2 * NextDouble() - 1;
            v = 2 * NextDouble() - 1;
            s = u * u + v * v;
        }
        while (s >= 1 || s == 0);
        double scale = Math.Sqrt(-2 * Elementary.Log(s) / s);
        _spareNormal = v * scale;
        return u * scale;
    }

    /// <summary>
    /// The logarithm of a Gamma(shape, 1) draw (Marsaglia and Tsang 2000): in logarithms, so that tiny shapes do not underflow.
    /// </summary>
    /// <param name="shape">Positive and finite.</param>
    public double NextLogGamma(double shape)
    {
        if (!(shape > 0) || double.IsPositiveInfinity(shape))
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape), $"The shape of a gamma draw must be positive and finite, but {shape} came.");
        }
        if (shape < 1)
            return NextLogGamma(shape + 1) + Elementary.Log(NextPositiveDouble()) / shape;

        double d = shape - 1.0 / 3;
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal();
            double root = 1 + c * x;
            if (root <= 0)
                continue;
            double v = root * root * root;
            double logV = Elementary.Log(v);
            if (Elementary.Log(NextPositiveDouble()) < 0.5 * x * x + d * (1 - v + logV))
                return Elementary.Log(d) + logV;
        }
    }

    /// <summary>A draw from the symmetric Dirichlet distribution: shares of 0 or more that sum to 1 up to rounding.</summary>
    /// <param name="alpha">Concentration, 1e-300 or more and finite: small is uneven, and shares below the smallest double are 0.</param>
    /// <param name="count">How many shares, 1 or more.</param>
    public double[] NextDirichlet(double alpha, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!(alpha >= 1e-300) || double.IsPositiveInfinity(alpha))
        {
            throw new ArgumentOutOfRangeException(
                nameof(alpha), $"The concentration of a Dirichlet draw must be finite and at least 1e-300, but {alpha} came.");
        }
        var shares = new double[count];
        double largest = double.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            shares[i] = NextLogGamma(alpha);
            largest = Math.Max(largest, shares[i]);
        }
        double total = 0;
        for (int i = 0; i < count; i++)
            total += shares[i] = Elementary.Exp(shares[i] - largest);
        for (int i = 0; i < count; i++)
            shares[i] /= total;
        return shares;
    }

    /// <summary>Puts the items into a uniformly random order (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInteger(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The numbers 0 .. count - 1 in a uniformly random order.</summary>
    public int[] NextPermutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Shuffle<int>(order);
        return order;
    }
}
