using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>The participants' side of a simulation: they train, or behave as they were told, and remember what their behaviour needs.</summary>
/// <param name="plan">The participants.</param>
/// <param name="threads">The most threads; changes no bit.</param>
sealed class SimulatedTrainers(SimulationPlan plan, int threads)
{
    readonly BehaviourPast?[] _pasts = new BehaviourPast?[plan.Participants.Count];

    /// <summary>The local models of a round, one per member of the cohort. Whoever sends another's update waits for it.</summary>
    /// <param name="round">The round, from 1; rounds are asked for in their order.</param>
    /// <param name="cohort">Indices of participants.</param>
    /// <param name="model">The round's model, d weights.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public float[][] Send(int round, IReadOnlyList<int> cohort, float[] model, CancellationToken cancellation)
    {
        SimulatedParticipant[] members = [.. cohort.Select(k => plan.Participants[k])];
        var sent = new float[members.Length][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        foreach (bool looksAtAnother in new[] { false, true })
        {
            LargestFirst.For(members.Length, i => members[i].Rows.Count, options, i =>
            {
                string? source = members[i].Behaviour?.Source;
                if (source is not null != looksAtAnother)
                    return;
                int at = Array.FindIndex(members, member => member.Id == source);
                sent[i] = Send(cohort[i], round, model, at < 0 ? null : sent[at], cancellation);
            });
        }
        for (int i = 0; i < members.Length; i++)
            Remember(cohort[i], model, sent[i]);
        return sent;
    }

    /// <summary>
    /// The training losses that the members of a cohort report: of the model each sent on its own rows, in nats, times its inflation; null
    /// where that is no finite number.
    /// </summary>
    public double?[] ClaimLosses(IReadOnlyList<int> cohort, float[][] sent, CancellationToken cancellation)
    {
        var losses = new double?[cohort.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        LargestFirst.For(losses.Length, i => plan.Participants[cohort[i]].Rows.Count, options, i =>
        {
            SimulatedParticipant participant = plan.Participants[cohort[i]];
            double loss = (double)participant.LossInflation * ModelScore.Mean(plan.Network, participant.Rows, sent[i]).Loss;
            losses[i] = double.IsFinite(loss) ? loss : null;
        });
        return losses;
    }

    float[] Send(int index, int round, float[] model, float[]? source, CancellationToken cancellation)
    {
        SimulatedParticipant participant = plan.Participants[index];
        var random = new RandomStream(plan.Options.Seed, RandomPurpose.Training, (uint)round, (uint)index);
        float[] Train() => new LocalTrainer(plan.Network, plan.Training).Train(model, participant.Rows, random, cancellation);
        return participant.Behaviour is { } behaviour
            ? behaviour.Send(new BehaviourRound(model, Train, _pasts[index], source, random))
            : Train();
    }

    void Remember(int index, float[] model, float[] sent)
    {
        if (plan.Participants[index].Behaviour is not null)
            _pasts[index] = _pasts[index] is { } past ? past with { LastModel = model } : new BehaviourPast(model, sent, model);
    }
}
