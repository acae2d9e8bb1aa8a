namespace FedValue.Valuation.Uncertainty;

/// <summary>
/// n values with what is known about their error. Estimates of several rounds add: values and replicates by addition, independent sampling
/// variances by addition.
/// </summary>
public sealed class Estimate
{
    /// <summary>
    /// The 97.5 % quantile of Student's t with 19 degrees of freedom, what 20 jackknife blocks leave; a little wide for the sampling error
    /// beside it.
    /// </summary>
    public const double Quantile = 2.0930240544082634;

    readonly double[] _samplingVariances;
    readonly bool[]? _measured; // null: all of them

    Estimate(
        double[] values, bool sampled, double[] samplingVariances, IReadOnlyList<double[]> replicates, bool[]? measured = null,
        IReadOnlyList<double[]>? memberValues = null)
    {
        MemberValues = memberValues ?? [];
        if (samplingVariances.Length != values.Length || replicates.Concat(MemberValues).Any(own => own.Length != values.Length))
            throw new ArgumentException($"{values.Length} values need as many errors, and as many values in every replicate and member.");
        if (replicates.Count == 1)
            throw new ArgumentException("One replicate says nothing about the error: 2 or more are needed, or none.", nameof(replicates));
        Values = values;
        IsSampled = sampled;
        _samplingVariances = samplingVariances;
        _measured = measured;
        Replicates = replicates;
        SamplingErrors = [.. samplingVariances.Select(Math.Sqrt)];
        ValidationErrors = UsesValidation ? Jackknife.StandardErrors(replicates, values.Length) : [];
        MemberDeviations = HasSpread ? [.. Enumerable.Range(0, values.Length).Select(Deviation)] : [];
    }

    /// <summary>One number per participant.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>Whether the values were sampled, so that they carry a sampling error.</summary>
    public bool IsSampled { get; }

    /// <summary>Standard errors of sampling, one per participant; zeros for what was not sampled.</summary>
    public IReadOnlyList<double> SamplingErrors { get; }

    /// <summary>The values without each of the validation blocks (blocks x participants); none without validation data.</summary>
    public IReadOnlyList<double[]> Replicates { get; }

    /// <summary>Jackknife standard errors over the validation rows, one per participant; none without validation data.</summary>
    public IReadOnlyList<double> ValidationErrors { get; }

    /// <summary>Whether the method used the validation rows.</summary>
    public bool UsesValidation => Replicates.Count > 0;

    /// <summary>
    /// Whether anything is known about the error: without sampling and validation rows there is no interval, not one of zero width.
    /// </summary>
    public bool HasInterval => IsSampled || UsesValidation;

    /// <summary>The values under each member of a pool of aggregators (members x participants), of which these are the mean; else none.</summary>
    public IReadOnlyList<double[]> MemberValues { get; }

    /// <summary>
    /// How far the values depend on the aggregator: the standard deviation over the members, with s - 1 below, one per participant; none for
    /// fewer than two members. It is no part of the interval: a choice of terms is not an error of measurement.
    /// </summary>
    public IReadOnlyList<double> MemberDeviations { get; }

    /// <summary>Whether there are two members or more, so that their spread is known.</summary>
    public bool HasSpread => MemberValues.Count > 1;

    /// <summary>Values that are exact given the updates and no validation rows: they have no interval.</summary>
    public static Estimate WithoutInterval(double[] values) => new(values, false, new double[values.Length], []);

    /// <summary>Values from validation rows.</summary>
    public static Estimate FromValidation(double[] values, IReadOnlyList<double[]> replicates) =>
        new(values, false, new double[values.Length], replicates);

    /// <summary>Values sampled on a utility from validation rows.</summary>
    public static Estimate Sampled(double[] values, double[] standardErrors, IReadOnlyList<double[]> replicates) =>
        new(values, true, [.. standardErrors.Select(e => e * e)], replicates);

    /// <summary>
    /// (value - shift) * scale, where a frame says shift and scale of some values. Every replicate is moved by its own frame, so that the
    /// interval knows that the frame was measured on the same rows; sampling errors scale with the values, and members move with them.
    /// </summary>
    public Estimate Moved(Func<IReadOnlyList<double>, (double Shift, double Scale)> frame)
    {
        (double Shift, double Scale) own = frame(Values);
        static double[] Apply(IReadOnlyList<double> values, (double Shift, double Scale) by) =>
            [.. values.Select(value => (value - by.Shift) * by.Scale)];
        return new Estimate(
            Apply(Values, own), IsSampled, [.. _samplingVariances.Select(v => v * own.Scale * own.Scale)],
            [.. Replicates.Select(replicate => Apply(replicate, frame(replicate)))], _measured,
            [.. MemberValues.Select(member => Apply(member, own))]);
    }

    /// <summary>The same estimate as the mean over members of a pool: members x participants, summed by the caller.</summary>
    public Estimate OverMembers(IReadOnlyList<double[]> memberValues) =>
        new([.. Values], IsSampled, _samplingVariances, Replicates, _measured, memberValues);

    /// <summary>The 95 % interval of participant j, or null where nothing is known about the error.</summary>
    public (double Low, double High)? Interval(int j)
    {
        if (!HasInterval || _measured?[j] == false)
            return null;
        double validation = UsesValidation ? ValidationErrors[j] : 0;
        double half = Quantile * Math.Sqrt(_samplingVariances[j] + validation * validation);
        return (Values[j] - half, Values[j] + half);
    }

    /// <summary>
    /// The sum over rounds, for participants that may miss rounds: a missed round adds 0, and whoever missed all of them has the value 0
    /// and no interval. Replicates add before the jackknife is taken, because all rounds are measured on the same validation rows; so do the
    /// values of members, because a member is the same in all rounds.
    /// </summary>
    /// <param name="count">How many participants the sum has.</param>
    /// <param name="rounds">Each round's estimate with the places of its participants in the sum.</param>
    /// <exception cref="ArgumentException">Two rounds have replicates without different numbers of blocks, or pools of different size.</exception>
    public static Estimate Sum(int count, IReadOnlyList<(Estimate Estimate, IReadOnlyList<int> Places)> rounds)
    {
        var values = new double[count];
        var variances = new double[count];
        var measured = new bool[count];
        int blocks = rounds.Count == 0 ? 0 : rounds.Max(r => r.Estimate.Replicates.Count);
        double[][] replicates = [.. Enumerable.Range(0, blocks).Select(_ => new double[count])];
        int pool = rounds.Count == 0 ? 0 : rounds.Max(r => r.Estimate.MemberValues.Count);
        double[][] members = [.. Enumerable.Range(0, pool).Select(_ => new double[count])];
        foreach ((Estimate estimate, IReadOnlyList<int> places) in rounds)
        {
            int own = estimate.Replicates.Count; // 0 for a round without validation data: it is the same in every replicate
            if (own != 0 && own != blocks)
                throw new ArgumentException($"Rounds of {blocks} and of {own} validation blocks cannot be added.", nameof(rounds));
            if (estimate.MemberValues.Count != pool)
                throw new ArgumentException($"Rounds of {pool} and of {estimate.MemberValues.Count} members cannot be added.", nameof(rounds));
            for (int j = 0; j < places.Count; j++)
            {
                measured[places[j]] = true;
                values[places[j]] += estimate.Values[j];
                variances[places[j]] += estimate._samplingVariances[j];
                for (int b = 0; b < blocks; b++)
                    replicates[b][places[j]] += own == 0 ? estimate.Values[j] : estimate.Replicates[b][j];
                for (int m = 0; m < pool; m++)
                    members[m][places[j]] += estimate.MemberValues[m][j];
            }
        }
        return new Estimate(values, rounds.Any(r => r.Estimate.IsSampled), variances, replicates, measured, members);
    }

    double Deviation(int j)
    {
        double mean = 0, squares = 0;
        foreach (double[] member in MemberValues)
            mean += member[j];
        mean /= MemberValues.Count;
        foreach (double[] member in MemberValues)
            squares += (member[j] - mean) * (member[j] - mean);
        return Math.Sqrt(squares / (MemberValues.Count - 1));
    }
}
