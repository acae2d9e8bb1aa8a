using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>What a corruption does to one participant.</summary>
abstract class CorruptionEffect
{
    /// <summary>The participant afterwards; it says what was done to it.</summary>
    public abstract SimulatedParticipant Apply(CorruptionTarget target);
}

/// <summary>The participant a corruption is applied to, and what the corruption may look at.</summary>
/// <param name="all">All participants as earlier corruptions left them.</param>
/// <param name="counted">The participant, counted from 1.</param>
/// <param name="spec">The corruption as it was asked for.</param>
/// <param name="classes">How many classes there are.</param>
/// <param name="random">Opens the stream of a participant, by index.</param>
sealed class CorruptionTarget(SimulatedParticipant[] all, int counted, string spec, int classes, Func<int, RandomStream> random)
{
    /// <summary>Its index among the participants.</summary>
    public int Index { get; } = IndexOf(all, counted, spec);

    /// <summary>The participant.</summary>
    public SimulatedParticipant Participant => all[Index];

    /// <summary>How many classes there are.</summary>
    public int Classes => classes;

    /// <summary>The corruption as it was asked for.</summary>
    public string Spec => spec;

    /// <summary>Everybody's ids.</summary>
    public IEnumerable<string> Ids => all.SelectMany(p => p.Sybils.Prepend(p)).Select(p => p.Id);

    /// <summary>Opens this participant's stream of this corruption at its beginning.</summary>
    public RandomStream Random() => random(Index);

    /// <summary>Another participant, counted from 1.</summary>
    /// <param name="other">Its number.</param>
    /// <param name="relation">What cannot be said of oneself, for the sentence about that.</param>
    public SimulatedParticipant Other(int other, string relation)
    {
        int index = IndexOf(all, other, spec);
        return index == Index
            ? throw new SimulationException($"Participant {other} cannot {relation} itself, as '{spec}' asks.")
            : all[index];
    }

    static int IndexOf(SimulatedParticipant[] all, int counted, string spec) => counted <= all.Length
        ? counted - 1
        : throw new SimulationException($"'{spec}' names participant {counted}, but there are {all.Length}.");
}
