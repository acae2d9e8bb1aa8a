using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Learning;

/// <summary>Small made-up models and rows, always the same for the same numbers.</summary>
static class MadeUp
{
    /// <summary>Standard normal features and uniform labels.</summary>
    public static LabelledRows Rows(int width, int classes, int count, long seed = 1)
    {
        var random = new RandomStream(seed, RandomPurpose.Split, (uint)width, (uint)count);
        var features = new float[count * width];
        foreach (ref float feature in features.AsSpan())
            feature = (float)random.NextNormal();
        var labels = new int[count];
        foreach (ref int label in labels.AsSpan())
            label = random.NextInteger(classes);
        return new LabelledRows(width, features, labels);
    }

    /// <summary>Normal weights of standard deviation 1/2: large enough that logits differ and units of both kinds occur.</summary>
    public static float[] Weights(Network network, long seed = 1)
    {
        var random = new RandomStream(seed, RandomPurpose.Initialization, 99);
        var weights = new float[network.WeightCount];
        foreach (ref float weight in weights.AsSpan())
            weight = (float)(0.5 * random.NextNormal());
        return weights;
    }

    /// <summary>Some of the rows, in the given order.</summary>
    public static LabelledRows Select(LabelledRows rows, IEnumerable<int> which)
    {
        int[] chosen = [.. which];
        return new LabelledRows(
            rows.Width, [.. chosen.SelectMany(row => rows.Row(row).ToArray())], [.. chosen.Select(row => rows.Labels[row])]);
    }

    public static Network Network(string architecture, int features, int classes) =>
        new(Architecture.Parse(architecture), features, classes);
}
