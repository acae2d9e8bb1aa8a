namespace FedValue.Federation.Simulation;

/// <summary>Sends the round's model back.</summary>
sealed class SendsModelBack : Behaviour
{
    public override string Description => "free rider: sends the round's model back";

    internal override float[] Send(BehaviourRound round) => round.Model;
}

/// <summary>Sends the round's model with Gaussian noise on every weight.</summary>
sealed class SendsNoise(decimal scale) : Behaviour
{
    public override string Description => $"free rider: sends the round's model with noise of standard deviation {NumberText.Of(scale)}";

    internal override float[] Send(BehaviourRound round)
    {
        double deviation = (double)scale;
        return Array.ConvertAll(round.Model, weight => (float)(weight + deviation * round.Random.NextNormal()));
    }
}

/// <summary>Sends the model of the last round it took part in; the first time, the round's own.</summary>
sealed class SendsPreviousModel : Behaviour
{
    public override string Description => "free rider: sends the model of its previous round";

    internal override float[] Send(BehaviourRound round) => round.Past?.LastModel ?? round.Model;
}

/// <summary>
/// Repeats the step from the last model it saw to this one (the delta weights of Lin, Du, Liu, arXiv:1911.12560); the first time there is
/// none.
/// </summary>
sealed class SendsPreviousStep : Behaviour
{
    public override string Description => "free rider: sends the federation's last step again";

    internal override float[] Send(BehaviourRound round) =>
        round.Past is { } past ? round.Step(1, past.LastModel, round.Model) : round.Model;
}

/// <summary>Trains once, and sends that first update's difference in every later round.</summary>
sealed class SendsFirstUpdate : Behaviour
{
    public override string Description => "free rider: trains once and sends that update again";

    internal override float[] Send(BehaviourRound round) =>
        round.Past is { } past ? round.Step(1, past.FirstModel, past.FirstSent) : round.Train();
}

/// <summary>Sends what another participant sends; the round's model where that one does not take part.</summary>
sealed class SendsCopy(string source) : Behaviour
{
    public override string Description => $"free rider: sends the update of {source}";

    public override string? Source => source;

    internal override float[] Send(BehaviourRound round) => round.SourceUpdate ?? round.Model;
}

/// <summary>Finds out whose update a participant sends.</summary>
sealed class Copies(int source) : CorruptionEffect
{
    public override SimulatedParticipant Apply(CorruptionTarget target) =>
        Behaves.Give(target, new SendsCopy(target.Other(source, "copy").Id));
}

/// <summary>Sends the round's model plus a multiple of its update: -1 flips the sign, large factors replace the model.</summary>
sealed class SendsScaledUpdate(decimal factor) : Behaviour
{
    public override string Description => factor == -1 ? "sends its update with the sign flipped" : $"sends {NumberText.Of(factor)} times its update";

    internal override float[] Send(BehaviourRound round) => round.Step((double)factor, round.Model, round.Train());
}
