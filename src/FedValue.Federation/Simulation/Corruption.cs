using System.Globalization;
using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>A participant of a simulation: what it holds and how it behaves.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Rows">Its rows; corrupted ones where a corruption changed them.</param>
/// <param name="IsFreeRider">Whether it sends the round's model back untouched instead of training.</param>
/// <param name="Corruptions">What was done to it, in words.</param>
public sealed record SimulatedParticipant(string Id, LabelledRows Rows, bool IsFreeRider, IReadOnlyList<string> Corruptions)
{
    /// <summary>Whether anything was done to it.</summary>
    public bool IsCorrupted => Corruptions.Count > 0;
}

/// <summary>
/// Something done to some participants: <c>label-flip:F@P,P</c>, <c>free-rider@P,P</c> or <c>duplicate-of:Q@P,P</c>; P counts from 1.
/// </summary>
public sealed class Corruption
{
    readonly decimal _fraction;
    readonly int _source;

    Corruption(string kind, decimal fraction, int source, int[] targets) =>
        (Kind, _fraction, _source, Targets) = (kind, fraction, source, targets);

    /// <summary><c>label-flip</c>, <c>free-rider</c> or <c>duplicate-of</c>.</summary>
    public string Kind { get; }

    /// <summary>Participants, counted from 1.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <summary>Its one spelling.</summary>
    public string Spec => Kind + Kind switch
    {
        "label-flip" => ":" + NumberText.Of(_fraction),
        "duplicate-of" => ":" + NumberText.Of(_source),
        _ => "",
    } + "@" + string.Join(",", Targets);

    /// <summary>Reads a corruption.</summary>
    /// <exception cref="SimulationException">The text is none.</exception>
    public static Corruption Parse(string spec)
    {
        string[] halves = spec.Split('@');
        string[] kind = halves[0].Split(':');
        if (halves.Length == 2 && Numbers(halves[1]) is { } targets && targets.Distinct().Count() == targets.Length)
        {
            switch (kind)
            {
                case ["free-rider"]:
                    return new Corruption(kind[0], 0, 0, targets);
                case ["label-flip", var text] when Fraction(text) is { } fraction:
                    return new Corruption(kind[0], fraction, 0, targets);
                case ["duplicate-of", var text] when Numbers(text) is [var source]:
                    return new Corruption(kind[0], 0, source, targets);
            }
        }
        throw new SimulationException("A corruption is label-flip:F@P,P with 0 < F <= 1, free-rider@P,P or duplicate-of:Q@P,P, " +
            $"with participants counted from 1 and named once, but '{spec}' came.");
    }

    /// <summary>Applies corruptions in their order, each to the participants as the earlier ones left them.</summary>
    public static IReadOnlyList<SimulatedParticipant> ApplyAll(
        IReadOnlyList<Corruption> corruptions, IReadOnlyList<SimulatedParticipant> participants, int classes, long seed)
    {
        SimulatedParticipant[] result = [.. participants];
        for (int c = 0; c < corruptions.Count; c++)
        {
            foreach (int target in corruptions[c].Targets)
            {
                int k = corruptions[c].Index(target, result.Length);
                result[k] = corruptions[c].Apply(result, k, classes, new RandomStream(seed, RandomPurpose.Corruption, (uint)c, (uint)k));
            }
        }
        return result;
    }

    SimulatedParticipant Apply(SimulatedParticipant[] all, int k, int classes, RandomStream random)
    {
        SimulatedParticipant participant = all[k];
        switch (Kind)
        {
            case "free-rider":
                return participant with
                {
                    IsFreeRider = true,
                    Corruptions = [.. participant.Corruptions, "free rider: sends the round's model back"],
                };
            case "duplicate-of":
                int source = Index(_source, all.Length);
                if (source == k)
                    throw new SimulationException($"Participant {_source} cannot be a duplicate of itself, as '{Spec}' asks.");
                return participant with
                {
                    Rows = all[source].Rows,
                    Corruptions = [.. participant.Corruptions, $"duplicate of the data of {all[source].Id}"],
                };
            default:
                (LabelledRows flipped, int changed) = Flip(participant.Rows, classes, random);
                return participant with
                {
                    Rows = flipped,
                    Corruptions = [.. participant.Corruptions, $"labels flipped in {changed} of {flipped.Count} rows"],
                };
        }
    }

    (LabelledRows Rows, int Changed) Flip(LabelledRows rows, int classes, RandomStream random)
    {
        int count = (int)Math.Round(_fraction * rows.Count, MidpointRounding.AwayFromZero);
        int[] labels = [.. rows.Labels];
        foreach (int row in random.NextPermutation(rows.Count).AsSpan(0, count))
        {
            int other = random.NextInteger(classes - 1);
            labels[row] = other < labels[row] ? other : other + 1;
        }
        return (new LabelledRows(rows.Width, rows.Features, labels), count);
    }

    int Index(int counted, int participants) => counted <= participants
        ? counted - 1
        : throw new SimulationException($"'{Spec}' names participant {counted}, but there are {participants}.");

    static decimal? Fraction(string text) =>
        TypedNumber.TryParse(text, NumberStyles.AllowDecimalPoint, out decimal fraction)
        && fraction is > 0 and <= 1
            ? fraction
            : null;

    static int[]? Numbers(string list)
    {
        string[] parts = list.Split(',');
        var numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TypedNumber.TryParse(parts[i], NumberStyles.None, out numbers[i]) || numbers[i] < 1)
                return null;
        }
        return numbers;
    }
}
