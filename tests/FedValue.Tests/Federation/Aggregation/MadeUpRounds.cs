using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>Rounds of made-up updates, always the same for the same numbers.</summary>
static class MadeUpRounds
{
    /// <summary>More weights than one lane and no multiple of it.</summary>
    public const int Weights = 37;

    /// <summary>The validation loss of every made-up round's base model.</summary>
    public const double BaseLoss = 1.5;

    static readonly long[] Examples = [3, 10, 1, 7, 25, 4, 13];

    /// <summary>Every rule, some with settings of their own.</summary>
    public static TheoryData<string> Rules =>
    [
        "fedavg", "fedavgm", "fedavgm:server-learning-rate=0.5:momentum=0.3", "fedadam", "fedadam:beta1=0:tau=1", "fedmedian",
        "fedadam:tau=1e-9:bias-correction=0", "fedadagrad", "fedadagrad:learning-rate=1:tau=1e-9", "fedyogi", "fedyogi:beta2=0.5",
        "fedtrimmedavg", "fedtrimmedavg:beta=0.4", "krum", "krum:byzantine=2", "multikrum", "multikrum:byzantine=1:keep=3", "bulyan",
        "bulyan:byzantine=1", "qfedavg", "qfedavg:q=2:learning-rate=0.5",
    ];

    /// <summary>The model before the first round.</summary>
    public static float[] Start { get; } = Normal(seed: 0, round: 0, participant: 0, scale: 0.5);

    /// <summary>A round in which participant k moves from the base by numbers drawn from (seed, round, k).</summary>
    public static RoundUpdates Round(int participants, float[]? baseModel = null, int round = 1, long seed = 1)
    {
        baseModel ??= Start;
        return Of(baseModel, [.. Enumerable.Range(0, participants).Select(k => Local(baseModel, round, k, seed))]);
    }

    /// <summary>The given local models, with made-up numbers of examples unless they are given.</summary>
    public static RoundUpdates Of(float[] baseModel, float[][] models, params long[] examples) => new(
        [.. Enumerable.Range(1, models.Length).Select(k => $"p{k}")],
        new UpdateRows(baseModel, models),
        examples.Length > 0 ? examples : Examples[..models.Length],
        () => BaseLoss);

    /// <summary>All coalitions of n participants as ascending indices, by bit mask.</summary>
    public static int[][] Coalitions(int participants) =>
    [
        .. Enumerable.Range(0, 1 << participants).Select(mask =>
            Enumerable.Range(0, participants).Where(k => (mask >> k & 1) == 1).ToArray()),
    ];

    /// <summary>The model of a coalition.</summary>
    public static float[] CoalitionModel(AggregationRule rule, AggregationState state, RoundUpdates updates, params int[] coalition)
    {
        var model = new float[updates.Rows.Length];
        Array.Fill(model, float.NaN); // whatever the rule does not write would show
        rule.CoalitionModel(state, updates, coalition, model);
        return model;
    }

    /// <summary>The pseudo-update D of a coalition in double: the mean of local minus base, weighted by examples.</summary>
    public static double[] MeanUpdate(RoundUpdates updates, params int[] coalition)
    {
        double total = coalition.Sum(k => updates.Examples[k]);
        var mean = new double[updates.Rows.Length];
        foreach (int k in coalition)
        {
            for (int i = 0; i < mean.Length; i++)
                mean[i] += updates.Examples[k] * ((double)updates.Rows.Model(k)[i] - updates.Rows.Base[i]) / total;
        }
        return mean;
    }

    static float[] Local(float[] baseModel, int round, int participant, long seed) =>
        [.. baseModel.Zip(Normal(seed, round, participant, scale: 0.2), (weight, move) => weight + move)];

    static float[] Normal(long seed, int round, int participant, double scale)
    {
        var random = new RandomStream(seed, RandomPurpose.Training, (uint)round, (uint)participant);
        var numbers = new float[Weights];
        foreach (ref float number in numbers.AsSpan())
            number = (float)(scale * random.NextNormal());
        return numbers;
    }
}
