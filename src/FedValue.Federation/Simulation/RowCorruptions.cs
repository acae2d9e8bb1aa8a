using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>Adds Gaussian noise to every feature; standardized features have standard deviation 1, so SIGMA counts in those.</summary>
sealed class FeatureNoise(decimal sigma) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        LabelledRows rows = target.Participant.Rows;
        RandomStream random = target.Random();
        double scale = (double)sigma;
        float[] features = Array.ConvertAll(rows.Features, feature => (float)(feature + scale * random.NextNormal()));
        return (target.Participant with { Rows = new LabelledRows(rows.Width, features, rows.Labels) })
            .After($"noise of standard deviation {NumberText.Of(sigma)} added to all features");
    }
}

/// <summary>Holds the rows of another participant instead of its own.</summary>
sealed class DuplicateOf(int source) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        SimulatedParticipant other = target.Other(source, "be a duplicate of");
        return (target.Participant with { Rows = other.Rows }).After($"duplicate of the data of {other.Id}");
    }
}

/// <summary>A share of its rows is overwritten with rows of another, as many as that one has (mplc's <c>duplication</c>).</summary>
sealed class Duplication(int source, decimal share) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        SimulatedParticipant other = target.Other(source, "duplicate rows of");
        RandomStream random = target.Random();
        int[] from = random.NextPermutation(other.Rows.Count);
        int[] into = LabelCorruption.Choose(target.Participant.Rows.Count, share, random);
        int count = Math.Min(from.Length, into.Length);
        LabelledRows rows = RowCopies.Overwrite(
            target.Participant.Rows, other.Rows, into.AsSpan(0, count), from.AsSpan(0, count));
        return (target.Participant with { Rows = rows }).After($"{count} of {rows.Count} rows replaced by rows of {other.Id}");
    }
}

/// <summary>A share of its rows is overwritten with copies of one of them (mplc's <c>redundancy</c>).</summary>
sealed class Redundancy(decimal share) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        LabelledRows rows = target.Participant.Rows;
        int[] chosen = LabelCorruption.Choose(rows.Count, share, target.Random());
        int[] first = [.. chosen.Select(_ => chosen[0])];
        return (target.Participant with { Rows = RowCopies.Overwrite(rows, rows, chosen, first) })
            .After($"{chosen.Length} of {rows.Count} rows are copies of one");
    }
}

/// <summary>
/// Half of its rows, drawn at random, carry a trigger and a label of the attacker's choice: the last four features (all, where there are
/// fewer) are four standard deviations above their means.
/// </summary>
sealed class Backdoor(int label) : CorruptionEffect
{
    /// <summary>How many features, counted from the last, are the trigger.</summary>
    public const int TriggerFeatures = 4;

    /// <summary>Their value, in standard deviations.</summary>
    public const float TriggerLevel = 4;

    const decimal Share = 0.5m;

    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        if (label >= target.Classes)
            throw new SimulationException($"'{target.Spec}' names class {label}, but the classes are 0 to {target.Classes - 1}.");
        LabelledRows rows = target.Participant.Rows;
        int[] chosen = LabelCorruption.Choose(rows.Count, Share, target.Random()), labels = [.. rows.Labels];
        float[] features = [.. rows.Features];
        int trigger = Math.Min(TriggerFeatures, rows.Width);
        foreach (int row in chosen)
        {
            features.AsSpan((row + 1) * rows.Width - trigger, trigger).Fill(TriggerLevel);
            labels[row] = label;
        }
        return (target.Participant with { Rows = new LabelledRows(rows.Width, features, labels) })
            .After($"backdoor: a trigger and class {label} in {chosen.Length} of {rows.Count} rows");
    }
}

/// <summary>Writes rows over others.</summary>
static class RowCopies
{
    public static LabelledRows Overwrite(LabelledRows rows, LabelledRows source, ReadOnlySpan<int> into, ReadOnlySpan<int> from)
    {
        float[] features = [.. rows.Features];
        int[] labels = [.. rows.Labels];
        for (int i = 0; i < into.Length; i++)
        {
            source.Row(from[i]).CopyTo(features.AsSpan(into[i] * rows.Width));
            labels[into[i]] = source.Labels[from[i]];
        }
        return new LabelledRows(rows.Width, features, labels);
    }

    /// <summary>Some of the rows, in the given order.</summary>
    public static LabelledRows Select(LabelledRows rows, int[] chosen) => new(
        rows.Width, [.. chosen.SelectMany(row => rows.Row(row).ToArray())], [.. chosen.Select(row => rows.Labels[row])]);
}
