using System.Globalization;
using FedValue.Kernels.Randomness;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>Something done to some participants: <c>KIND[:ARGUMENT]@P,P</c>, P counted from 1; the kinds are <see cref="CorruptionKinds"/>.</summary>
public sealed class Corruption
{
    readonly CorruptionEffect _effect;

    Corruption(string kind, string argument, CorruptionEffect effect, int[] targets) =>
        (Kind, Targets, Spec, _effect) = (kind, targets, kind + argument + "@" + string.Join(",", targets), effect);

    /// <summary>All kinds with their arguments, for a person.</summary>
    public static string Kinds => CorruptionKinds.Syntax;

    /// <summary>The part before the colon.</summary>
    public string Kind { get; }

    /// <summary>Participants, counted from 1 in ordinal order of their ids, before any of them took part under further identities.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <summary>Its one spelling.</summary>
    public string Spec { get; }

    /// <summary>Reads a corruption.</summary>
    /// <exception cref="SimulationException">The text is none.</exception>
    public static Corruption Parse(string spec)
    {
        string[] halves = spec.Split('@');
        if (halves.Length != 2)
            throw new SimulationException($"A corruption is KIND@P,P, like label-flip:0.4@2,5, but '{spec}' came; KIND is {CorruptionKinds.Syntax}.");
        string[] parts = halves[0].Split(':', 2);
        CorruptionKind kind = CorruptionKinds.All.FirstOrDefault(candidate => candidate.Name == parts[0])
            ?? throw new SimulationException(
                $"There is no corruption '{parts[0]}'{NearestName.Hint(parts[0], CorruptionKinds.All.Select(k => k.Name))}; "
                + $"there are {CorruptionKinds.Syntax}.");
        if (Numbers(halves[1]) is not { } targets || targets.Distinct().Count() != targets.Length)
        {
            throw new SimulationException(
                $"Behind the @ of '{spec}' stand numbers of participants, counted from 1, each once and with commas between them, "
                + $"but '{halves[1]}' came.");
        }
        return kind.Read(parts.Length == 2 ? parts[1] : null) is { } read ? new Corruption(kind.Name, read.Argument, read.Effect, targets)
            : throw new SimulationException(
                $"Corruption '{kind.Name}' is written {kind.Syntax}@P{kind.Range}, but '{spec}' came.");
    }

    /// <summary>Applies corruptions in their order, each to the participants as the earlier ones left them.</summary>
    /// <returns>The participants with their further identities, in ordinal order of the ids.</returns>
    /// <exception cref="SimulationException">A corruption names somebody or something that is not there.</exception>
    public static IReadOnlyList<SimulatedParticipant> ApplyAll(
        IReadOnlyList<Corruption> corruptions, IReadOnlyList<SimulatedParticipant> participants, int classes, long seed)
    {
        SimulatedParticipant[] result = [.. participants];
        for (int c = 0; c < corruptions.Count; c++)
        {
            foreach (int counted in corruptions[c].Targets)
            {
                var target = new CorruptionTarget(result, counted, corruptions[c].Spec, classes, stream =>
                    new RandomStream(seed, RandomPurpose.Corruption, (uint)c, (uint)stream));
                result[target.Index] = corruptions[c]._effect.Apply(target);
            }
        }
        SimulatedParticipant[] all =
        [
            .. result.SelectMany(p => p.Sybils.Count == 0 ? [p] : p.Sybils.Prepend(p with { Sybils = [] }))
                .OrderBy(p => p.Id, StringComparer.Ordinal),
        ];
        RefuseChains(all);
        return all;
    }

    /// <summary>Who sends another's update must find one that is made in the same round without looking at others.</summary>
    static void RefuseChains(SimulatedParticipant[] all)
    {
        foreach (SimulatedParticipant copier in all)
        {
            if (copier.Behaviour?.Source is { } source && all.First(p => p.Id == source).Behaviour?.Source is not null)
            {
                throw new SimulationException(
                    $"{copier.Id} is to send the update of {source}, which itself sends another's; name the one who trains.");
            }
        }
    }

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
