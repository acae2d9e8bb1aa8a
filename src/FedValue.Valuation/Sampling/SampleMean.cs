using FedValue.Valuation.Games;

namespace FedValue.Valuation.Sampling;

/// <summary>Draws independent samples of all players' values; the mean of many is the estimate.</summary>
interface IValueSampler
{
    /// <summary>What one sample costs, in permutations: n marginal contributions each.</summary>
    int Permutations { get; }

    /// <summary>Measures what the samples first .. first + count - 1 need, and gives each one's values: samples x columns x players.</summary>
    double[][][] Draw(MemoizedUtility known, uint first, int count, CancellationToken cancellation);
}

/// <summary>
/// The mean of independent samples with its standard error. What belongs together (a permutation and its reverse, all rotations of one) is
/// one sample, so the error does not count it twice.
/// </summary>
static class SampleMean
{
    /// <summary>Samples are drawn and tested for the stopping rule for so many permutations at a time, whatever the number of threads.</summary>
    const int Batch = 16;

    /// <summary>Samples until the rule is met; two samples at least, because one has no error.</summary>
    public static PermutationEstimate Run(
        IUtility utility, IValueSampler sampler, StoppingRule rule, int threads, CancellationToken cancellation)
    {
        if (rule.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(rule));

        int n = utility.Players, columns = utility.Columns, cost = sampler.Permutations;
        var known = new MemoizedUtility(utility, threads);
        var means = new double[columns][];
        for (int c = 0; c < columns; c++)
            means[c] = new double[n];
        var squares = new double[n]; // sums of squared deviations of column 0 (Welford)
        var errors = new double[n];
        var test = new StoppingTest(rule);
        long samples = 0, limit = Math.Max(2, rule.Maximum / cost);
        bool stop = false, converged = false;

        while (!stop && samples < limit)
        {
            int batch = (int)Math.Min(Math.Max(1, Batch / cost), limit - samples);
            foreach (double[][] values in sampler.Draw(known, (uint)samples, batch, cancellation))
            {
                samples++;
                for (int c = 0; c < columns; c++)
                {
                    for (int player = 0; player < n; player++)
                    {
                        double deviation = values[c][player] - means[c][player];
                        means[c][player] += deviation / samples;
                        if (c == 0)
                            squares[player] += deviation * (values[0][player] - means[0][player]);
                    }
                }
            }
            if (samples < 2)
                continue;
            for (int j = 0; j < n; j++)
                errors[j] = Math.Sqrt(squares[j] / (samples - 1) / samples);
            (stop, converged) = test.Judge(samples * cost, known.Evaluations, means[0], errors, last: samples >= limit);
        }
        return new PermutationEstimate(means[0], errors, means[1..], known.Evaluations, samples * cost, converged);
    }

    /// <summary>Zeros: columns x players.</summary>
    public static double[][] Zeros(MemoizedUtility known) =>
        [.. Enumerable.Range(0, known.Columns).Select(_ => new double[known.Players])];
}
