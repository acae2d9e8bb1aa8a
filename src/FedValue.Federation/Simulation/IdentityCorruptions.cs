using System.Globalization;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;

namespace FedValue.Federation.Simulation;

/// <summary>
/// Takes part under several identities, among which its rows are divided at random into parts of equal size: its own id, then
/// <c>ID.2</c>, <c>ID.3</c>, ..., zero-padded. A full stop sorts before all letters and digits, so they follow it in ordinal order.
/// </summary>
sealed class SybilSplit(int identities) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        SimulatedParticipant one = target.Participant;
        if (one.Sybils.Count > 0)
            throw new SimulationException($"'{target.Spec}' splits {one.Id}, which is split already.");
        if (one.Rows.Count < identities)
            throw new SimulationException($"'{target.Spec}' splits {one.Id} into {identities}, but it has {one.Rows.Count} rows.");
        RandomStream random = target.Random();
        int[] order = random.NextPermutation(one.Rows.Count);
        int[] Part(int i) => [.. order[(int)((long)i * order.Length / identities)..(int)((i + 1L) * order.Length / identities)].Order()];
        string format = "D" + NumberText.Of(identities).Length;
        SimulatedParticipant Identity(int i) => (one with
        {
            Id = i == 0 ? one.Id : NewId(target, $"{one.Id}.{(i + 1).ToString(format, CultureInfo.InvariantCulture)}"),
            Rows = RowCopies.Select(one.Rows, Part(i)),
        }).After($"identity {i + 1} of {identities} of {one.Id}");
        return Identity(0) with { Sybils = [.. Enumerable.Range(1, identities - 1).Select(Identity)] };
    }

    static string NewId(CorruptionTarget target, string id) => ParticipantId.Problem(id) is { } problem
        ? throw new SimulationException($"'{target.Spec}' needs the id {id}: {problem}")
        : target.Ids.Contains(id)
            ? throw new SimulationException($"'{target.Spec}' needs the id {id}, but another participant has it.")
            : id;
}

/// <summary>Declares and claims a multiple of its examples, rounded to whole ones.</summary>
sealed class InflateExamples(decimal factor) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target)
    {
        SimulatedParticipant one = target.Participant;
        SimulatedParticipant inflated = one with { Inflation = one.Inflation * factor };
        return inflated.After($"claims {inflated.Examples} examples but has {one.Rows.Count}");
    }
}

/// <summary>Claims a multiple of its training loss; methods that take losses on trust would call its data hard and pay for it.</summary>
sealed class InflateLoss(decimal factor) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target) =>
        (target.Participant with { LossInflation = target.Participant.LossInflation * factor })
            .After($"claims {NumberText.Of(factor)} times its training loss");
}
