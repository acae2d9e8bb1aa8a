using FedValue.Federation.Simulation;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>Made-up tables, always the same for the same numbers.</summary>
static class Tables
{
    /// <summary>Normal features around 3 with standard deviation 2, classes in turn.</summary>
    public static Dataset Of(
        int rows, int width = 2, int classes = 3, Func<int, string>? participant = null, Func<int, string>? group = null, long seed = 1)
    {
        var random = new RandomStream(seed, RandomPurpose.Split, 77);
        return new Dataset
        {
            Name = "made-up",
            Digest = new string('0', 64),
            Width = width,
            Features = [.. Enumerable.Range(0, rows * width).Select(_ => 3 + 2 * random.NextNormal())],
            Labels = [.. Enumerable.Range(0, rows).Select(row => row % classes)],
            Classes = [.. Enumerable.Range(0, classes).Select(c => $"class {c}")],
            Participants = participant is null ? null : [.. Enumerable.Range(0, rows).Select(participant)],
            Groups = group is null ? null : [.. Enumerable.Range(0, rows).Select(group)],
        };
    }

    /// <summary>The same table with other features.</summary>
    public static Dataset With(Dataset data, double[] features) => new()
    {
        Name = data.Name,
        Digest = data.Digest,
        Width = data.Width,
        Features = features,
        Labels = data.Labels,
        Classes = data.Classes,
        Participants = data.Participants,
        Groups = data.Groups,
    };
}
