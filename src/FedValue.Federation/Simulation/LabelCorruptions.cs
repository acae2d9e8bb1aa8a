using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>Gives a share of a participant's rows, drawn at random and rounded to whole rows, other labels.</summary>
abstract class LabelCorruption(decimal share) : CorruptionEffect
{
    /// <summary>What was done, as in "labels VERB in 3 of 10 rows", which counts the rows whose label is another one now.</summary>
    protected abstract string Verb { get; }

    public sealed override SimulatedParticipant Apply(CorruptionTarget target)
    {
        LabelledRows rows = target.Participant.Rows;
        RandomStream random = target.Random();
        int[] chosen = Choose(rows.Count, share, random), labels = [.. rows.Labels];
        Func<int, int> relabel = Rule(target.Classes, random);
        foreach (int row in chosen)
            labels[row] = relabel(labels[row]);
        int changed = chosen.Count(row => labels[row] != rows.Labels[row]);
        return (target.Participant with { Rows = new LabelledRows(rows.Width, rows.Features, labels) })
            .After($"labels {Verb} in {changed} of {rows.Count} rows");
    }

    /// <summary>Draws a share of so many rows.</summary>
    public static int[] Choose(int rows, decimal share, RandomStream random) =>
        random.NextPermutation(rows)[..(int)Math.Round(share * rows, MidpointRounding.AwayFromZero)];

    /// <summary>Draws what is the same for all rows; the result draws what is not.</summary>
    protected abstract Func<int, int> Rule(int classes, RandomStream random);
}

/// <summary>Any other class, all equally likely.</summary>
sealed class LabelFlip(decimal share) : LabelCorruption(share)
{
    protected override string Verb => "flipped";

    protected override Func<int, int> Rule(int classes, RandomStream random) => label =>
        random.NextInteger(classes - 1) is var other && other < label ? other : other + 1;
}

/// <summary>
/// One random permutation of the classes other than the identity (mplc's <c>permutation</c>); it may leave a class where it is, but not all.
/// </summary>
sealed class LabelPermutation(decimal share) : LabelCorruption(share)
{
    protected override string Verb => "permuted";

    protected override Func<int, int> Rule(int classes, RandomStream random)
    {
        int[] permutation = random.NextPermutation(classes);
        while (classes > 1 && permutation.Select((to, from) => to == from).All(stays => stays))
            permutation = random.NextPermutation(classes);
        return label => permutation[label];
    }
}

/// <summary>The next class, and the first after the last (mplc's <c>permutation-circular</c>).</summary>
sealed class LabelShift(decimal share) : LabelCorruption(share)
{
    protected override string Verb => "shifted to the next class";

    protected override Func<int, int> Rule(int classes, RandomStream random) => label => (label + 1) % classes;
}

/// <summary>Any class, the true one too, all equally likely (mplc's <c>random-uniform</c>).</summary>
sealed class LabelRandom(decimal share) : LabelCorruption(share)
{
    protected override string Verb => "drawn at random";

    protected override Func<int, int> Rule(int classes, RandomStream random) => _ => random.NextInteger(classes);
}

/// <summary>
/// Drawn from a distribution over the classes that belongs to the true class, itself drawn from Dirichlet(1) (mplc's <c>random</c>).
/// </summary>
sealed class LabelConfusion(decimal share) : LabelCorruption(share)
{
    protected override string Verb => "confused";

    protected override Func<int, int> Rule(int classes, RandomStream random)
    {
        double[][] confusion = [.. Enumerable.Range(0, classes).Select(_ => random.NextDirichlet(1, classes))];
        return label =>
        {
            double left = random.NextDouble();
            int drawn = 0;
            while (drawn < classes - 1 && (left -= confusion[label][drawn]) >= 0)
                drawn++;
            return drawn;
        };
    }
}
