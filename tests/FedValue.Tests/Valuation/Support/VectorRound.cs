using FedValue.Kernels.Randomness;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Support;

/// <summary>
/// A round made of vectors, and the game that each method says it values, computed from those vectors coalition by coalition.
/// </summary>
sealed record VectorRound
{
    /// <summary>Columns of every utility: all validation rows, and without each of two blocks.</summary>
    public const int Columns = 3;

    const int Dimensions = 4;

    /// <summary>The pseudo-gradients, n x d.</summary>
    public required double[][] X { get; init; }

    /// <summary>The validation gradient by column, columns x d.</summary>
    public required double[][] Gradients { get; init; }

    /// <summary>Aggregation weights, n.</summary>
    public required double[] Weights { get; init; }

    /// <summary>Validation losses of the participants' own models, n x columns.</summary>
    public required double[][] OwnLosses { get; init; }

    /// <summary>What the unweighted mean update takes away, by column.</summary>
    public required double[] MeanDrop { get; init; }

    /// <summary>The measured utility.</summary>
    public required TableGame Game { get; init; }

    public int Count => X.Length;

    /// <summary>A random round of n participants whose measured drop shows a positive curvature.</summary>
    public static VectorRound Random(int n, uint name)
    {
        var random = new RandomStream(seed: 13, RandomPurpose.Split, name, (uint)n);
        double[][] x = Vectors.Random(n, Dimensions, 10_000 + 10 * name);
        double[][] gradients = Vectors.Random(Columns, Dimensions, 10_001 + 10 * name);
        double[] mean = Vectors.Mean(x, Dimensions), weights = [.. x.Select(_ => 0.1 + random.NextDouble())];
        double[][] utilities = [.. Enumerable.Range(0, 1 << n).Select(_ => Numbers(Columns, random.NextNormal))];
        return new VectorRound
        {
            X = x,
            Gradients = gradients,
            Weights = [.. weights.Select(weight => weight / weights.Sum())],
            OwnLosses = [.. x.Select(_ => Numbers(Columns, () => 0.1 + 2 * random.NextDouble()))],
            MeanDrop = [.. gradients.Select(gradient => Vectors.Dot(mean, gradient) - 0.1 - random.NextDouble())],
            Game = new TableGame(n, mask => utilities[mask]),
        };
    }

    /// <summary>What a method gets to see.</summary>
    public RoundEvidence Evidence(StoppingRule? sampling = null, int threads = 1, int round = 1, long seed = 1)
    {
        double[] Products(double[] gradient) => [.. X.Select(x => Vectors.Dot(x, gradient))];
        var geometry = new RoundGeometry(
            [.. X.Select(x => Vectors.Dot(x, x))], Products(Gradients[0]), [.. Gradients[1..].Select(Products)],
            Vectors.Dot(Gradients[0], Gradients[0]), [.. Gradients[1..].Select(g => Vectors.Dot(g, g))], WithCombination);
        return new RoundEvidence(round, seed, Weights, geometry, Game, () => OwnLosses, () => MeanDrop,
            sampling ?? new StoppingRule(2, 64, 0), threads);
    }

    /// <summary>The utilities by bit mask of the game that a method states; null for a score without a game.</summary>
    public double[]? StatedGame(string method, int column)
    {
        double[] g = Gradients[column];
        double[][] hard = [.. X.Select((x, k) => Vectors.Scaled(OwnLosses[k][column], x))];
        double[][] unit = [.. X.Select(Vectors.Unit)];
        double[][] unitHard = [.. unit.Select((x, k) => Vectors.Scaled(OwnLosses[k][column], x))];
        return method.Split(':')[0] switch
        {
            "exact" or "permutation" or "banzhaf" or "loo" => Game.Column(column),
            "permutation-antithetic" or "stratified" or "owen" or "tmc" or "gtg" or "fedsv" or "beta" or "banzhaf-msr" or "mr" or "fedrandom-mean" =>
                Game.Column(column),
            "tmr" => [.. Game.Column(column).Select(utility => 0.9 * utility)], // round 1
            "in-run" => TableGame.Of(Count, members => members.Sum(k => Weights[k] * Vectors.Dot(X[k], g))).Column(0),
            "gradient-shapley" => Vectors.QuadraticGame(X, Vectors.Mean(X, Dimensions)),
            "gradient-shapley-unit" => Vectors.QuadraticGame(unit, Vectors.Unit(g)),
            "gradient-shapley-calibrated" => Calibrated(g, MeanDrop[column]),
            "chg" => Vectors.QuadraticGame(hard, Vectors.Mean(hard, Dimensions)),
            "chg-unit" => Vectors.QuadraticGame(unitHard, Vectors.Mean(unitHard, Dimensions)),
            "cosine" => null,
            _ => throw new ArgumentException($"Say here which game the method '{method}' values."),
        };
    }

    /// <summary>
    /// U(S) = &lt;mean_S x, g&gt; - |mean_S x|^2 / (2 kappa): a loss of curvature 1/kappa that falls by the measured drop.
    /// </summary>
    double[] Calibrated(double[] g, double drop)
    {
        double[] mean = Vectors.Mean(X, Dimensions);
        double kappa = Vectors.Dot(mean, mean) / (2 * (Vectors.Dot(mean, g) - drop));
        return Vectors.Scaled(1 / (2 * kappa), Vectors.QuadraticGame(X, Vectors.Scaled(kappa, g)));
    }

    double[] WithCombination(double[] coefficients)
    {
        double[] sum = [.. Enumerable.Range(0, Dimensions).Select(d => X.Select((x, k) => coefficients[k] * x[d]).Sum())];
        return [.. X.Select(x => Vectors.Dot(x, sum))];
    }

    static double[] Numbers(int count, Func<double> next) => [.. Enumerable.Range(0, count).Select(_ => next())];
}
