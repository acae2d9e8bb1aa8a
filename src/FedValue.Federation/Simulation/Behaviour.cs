using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>
/// What a participant sends instead of what it learned: a pure function of the round's model, its own past, another's update where it can
/// see one, and the seed. It has no state, so that it may be asked for any round.
/// </summary>
public abstract class Behaviour
{
    /// <summary>In words, for the report.</summary>
    public abstract string Description { get; }

    /// <summary>The id of the participant whose update of the round it looks at; null: it looks at none.</summary>
    public virtual string? Source => null;

    /// <summary>The local model it sends, d weights.</summary>
    internal abstract float[] Send(BehaviourRound round);
}

/// <summary>What a participant that behaves can use in a round.</summary>
/// <param name="Model">The round's model, d weights; not to be changed.</param>
/// <param name="Train">Trains on its rows: the local model an honest participant would send.</param>
/// <param name="Past">What it remembers; null: it takes part for the first time.</param>
/// <param name="SourceUpdate">The local model its source sent; null: it has no source, or that one does not take part in the round.</param>
/// <param name="Random">Its own stream of this round.</param>
sealed record BehaviourRound(float[] Model, Func<float[]> Train, BehaviourPast? Past, float[]? SourceUpdate, RandomStream Random)
{
    /// <summary>The round's model plus a multiple of the difference of two others, in double.</summary>
    public float[] Step(double factor, float[] from, float[] to)
    {
        var sent = new float[Model.Length];
        for (int i = 0; i < sent.Length; i++)
            sent[i] = (float)(Model[i] + factor * ((double)to[i] - from[i]));
        return sent;
    }
}

/// <summary>What a participant remembers of the rounds it took part in.</summary>
/// <param name="FirstModel">The model of its first round.</param>
/// <param name="FirstSent">What it sent then.</param>
/// <param name="LastModel">The model of its last round.</param>
sealed record BehaviourPast(float[] FirstModel, float[] FirstSent, float[] LastModel);

/// <summary>Gives a participant a behaviour.</summary>
sealed class Behaves(Behaviour behaviour) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target) => Give(target, behaviour);

    public static SimulatedParticipant Give(CorruptionTarget target, Behaviour behaviour) => target.Participant.Behaviour is { } other
        ? throw new SimulationException(
            $"'{target.Spec}' tells {target.Participant.Id} what to send, but so does an earlier corruption ({other.Description}).")
        : (target.Participant with { Behaviour = behaviour }).After(behaviour.Description);
}
