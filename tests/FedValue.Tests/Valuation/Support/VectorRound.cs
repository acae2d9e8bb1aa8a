using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;
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

    /// <summary>What FedAvg's weighted mean update takes away, by column.</summary>
    public required double[] WeightedDrop { get; init; }

    /// <summary>Validation losses of the models without each participant, n x columns.</summary>
    public required double[][] LossesWithout { get; init; }

    /// <summary>The Hessian of the validation loss by column, columns x d x d.</summary>
    public required double[][][] Hessians { get; init; }

    /// <summary>The rounds in which the participants joined, n.</summary>
    public required int[] JoinedIn { get; init; }

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
            WeightedDrop =
                [.. gradients.Select(g => x.Select((row, k) => weights[k] / weights.Sum() * Vectors.Dot(row, g)).Sum() - 0.1 - random.NextDouble())],
            LossesWithout = [.. x.Select(_ => Numbers(Columns, () => 0.1 + 2 * random.NextDouble()))],
            Hessians = [.. gradients.Select((_, c) => Vectors.Symmetric(Dimensions, 10_002 + 10 * name + 1_000_000 * (uint)c))],
            JoinedIn = [.. x.Select(_ => 1 + random.NextInteger(3))],
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
        var measured = new KnownMeasurements
        {
            OwnLosses = OwnLosses,
            MeanDrop = MeanDrop,
            WeightedDrop = WeightedDrop,
            LossesWithout = LossesWithout,
            CurvatureProducts = [.. Hessians.Select(h => (double[])[.. X.Select(x => Vectors.Dot(x, Vectors.Times(h, WeightedSum(X))))])],
            LastLayer = [.. Enumerable.Range(0, Dimensions / 2).Select(ProductsOfClass)],
        };
        return new RoundEvidence(round, seed, Weights, geometry, Game, measured, sampling ?? new StoppingRule(2, 64, 0), threads)
        {
            JoinedIn = JoinedIn,
            Accumulate = before => new AccumulatedGame(
                Game, [.. X.Select((x, k) => before[k] is { } sum ? sum.Zip(x, (s, u) => s + u).ToArray() : x)]),
        };
    }

    /// <summary>What a method gets to see without validation rows, and perhaps without a native model: everything else throws.</summary>
    public RoundEvidence WithoutValidation(MethodNeeds there)
    {
        RoundEvidence all = Evidence();
        var geometry = new RoundGeometry([.. X.Select(x => Vectors.Dot(x, x))], WithCombination);
        return new RoundEvidence(
            all.Round, all.Seed, Weights, geometry, new NoUtility(Count), new Unmeasured(all.Measured, there), all.Sampling, all.Threads)
        {
            JoinedIn = JoinedIn,
        };
    }

    sealed class Unmeasured(IRoundMeasurements known, MethodNeeds there) : IRoundMeasurements
    {
        public IReadOnlyList<double[]> OwnLosses => throw new InvalidOperationException();

        public IReadOnlyList<double> MeanDrop => throw new InvalidOperationException();

        public IReadOnlyList<double> WeightedDrop => throw new InvalidOperationException();

        public IReadOnlyList<double[]> LossesWithout => throw new InvalidOperationException();

        public IReadOnlyList<double[]> CurvatureProducts => throw new InvalidOperationException();

        public IReadOnlyList<ClassProducts> LastLayer =>
            there >= MethodNeeds.NativeModel ? known.LastLayer : throw new InvalidOperationException();
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
            "exact" or "permutation" or "banzhaf" or "loo" or "asymmetric" or "fedrandom-mean" or "or" => Game.Column(column),
            "permutation-antithetic" or "stratified" or "owen" or "tmc" or "gtg" or "fedsv" or "beta" or "banzhaf-msr" or "mr" =>
                Game.Column(column),
            "tmr" => [.. Game.Column(column).Select(utility => 0.9 * utility)], // round 1
            "in-run" => TableGame.Of(Count, members => members.Sum(k => Weights[k] * Vectors.Dot(X[k], g))).Column(0),
            "gradient-shapley" => Vectors.QuadraticGame(X, Vectors.Mean(X, Dimensions)),
            "gradient-shapley-agreement" => Vectors.QuadraticGame(unit, Vectors.Mean(unit, Dimensions)),
            "gradient-shapley-unit" => Vectors.QuadraticGame(unit, Vectors.Unit(g)),
            "gradient-shapley-calibrated" => Calibrated(g, MeanDrop[column]),
            "chg" => Vectors.QuadraticGame(hard, Vectors.Mean(hard, Dimensions)),
            "chg-unit" => Vectors.QuadraticGame(unitHard, Vectors.Mean(unitHard, Dimensions)),
            "in-run-2" => TableGame.Of(Count, members => SecondOrder(members, g, Hessians[column])).Column(0),
            "hardness" => TableGame.Of(Count, members => members.Length == 0 ? 0 : members.Average(k => OwnLosses[k][column])).Column(0),
            "weighted-mean" => CalibratedWeighted(g, WeightedDrop[column]),
            "logdet" => LogDeterminants(0.01 * X.Average(x => Vectors.Dot(x, x))),
            "cosine" or "ridge-leverage" or "dig-fl" or "cgsv" or "shapfed" or "fedce" => null,
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

    /// <summary>The loss -&lt;g, s&gt; + s'Hs/2 that s = sum_S p x takes away, negated.</summary>
    double SecondOrder(IReadOnlyList<int> members, double[] g, double[][] hessian)
    {
        double[] sum = [.. Enumerable.Range(0, Dimensions).Select(d => members.Sum(k => Weights[k] * X[k][d]))];
        return Vectors.Dot(sum, g) - 0.5 * Vectors.Dot(sum, Vectors.Times(hessian, sum));
    }

    /// <summary>&lt;m_S, g&gt; - |m_S|^2 / (2 kappa) with the renormalized weighted mean, equal to the measured drop for everybody.</summary>
    double[] CalibratedWeighted(double[] g, double drop)
    {
        double[] Mean(IReadOnlyList<int> members) => members.Count == 0 ? new double[Dimensions]
            : [.. Enumerable.Range(0, Dimensions).Select(d => members.Sum(k => Weights[k] * X[k][d]) / members.Sum(k => Weights[k]))];
        double[] all = Mean([.. Enumerable.Range(0, Count)]);
        double kappa = Vectors.Dot(all, all) / (2 * (Vectors.Dot(all, g) - drop));
        return TableGame.Of(Count, members =>
        {
            double[] mean = Mean(members);
            return Vectors.Dot(mean, g) - Vectors.Dot(mean, mean) / (2 * kappa);
        }).Column(0);
    }

    /// <summary>log det(I + X_S'X_S / lambda), d x d: the other way round than the method, by elimination.</summary>
    double[] LogDeterminants(double lambda) => TableGame.Of(Count, members =>
    {
        double[][] matrix =
        [
            .. Enumerable.Range(0, Dimensions).Select(i => (double[])
                [.. Enumerable.Range(0, Dimensions).Select(j => (i == j ? 1 : 0) + members.Sum(k => X[k][i] * X[k][j]) / lambda)]),
        ];
        return Math.Log(Vectors.Determinant(matrix));
    }).Column(0);

    double[] WeightedSum(double[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(d => rows.Select((row, k) => Weights[k] * row[d]).Sum())];

    /// <summary>Two of the dimensions are the last layer's of one class.</summary>
    ClassProducts ProductsOfClass(int c)
    {
        double[][] rows = [.. X.Select(x => x[(2 * c)..(2 * c + 2)])];
        return new ClassProducts(
            [.. rows.Select(row => Vectors.Dot(row, row))], [.. rows.Select(row => Vectors.Dot(row, WeightedSum(rows)))]);
    }

    double[] WithCombination(double[] coefficients)
    {
        double[] sum = [.. Enumerable.Range(0, Dimensions).Select(d => X.Select((x, k) => coefficients[k] * x[d]).Sum())];
        return [.. X.Select(x => Vectors.Dot(x, sum))];
    }

    static double[] Numbers(int count, Func<double> next) => [.. Enumerable.Range(0, count).Select(_ => next())];
}
