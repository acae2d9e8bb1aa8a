using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>Training states read back from the blobs that the ledger names, the last one remembered. Any number of callers.</summary>
sealed class TrainingStates(FederationSetup setup, IBlobStore blobs)
{
    volatile Known? _last;

    sealed record Known(Digest Model, Digest? States, TrainingState Training);

    /// <summary>The state a round starts from.</summary>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public async Task<TrainingState> BeforeAsync(RoundState round, CancellationToken cancellation)
    {
        if (_last is { } last && last.Model == round.Opened.Model && last.States == round.AggregatorState)
            return last.Training;
        byte[] file = await blobs.GetAsync(round.Opened.Model, cancellation);
        float[] model = ModelFile.ReadWeights(setup.Manifest, file);
        TrainingState training = round.AggregatorState is { } states
            ? TrainingState.Read(setup, model, await blobs.GetAsync(states, cancellation))
            : TrainingState.Start(setup) with { Model = model };
        training = training with { Buffers = ModelFile.ReadBuffers(setup.Manifest, file) };
        _last = new Known(round.Opened.Model, round.AggregatorState, training);
        return training;
    }

    /// <summary>The weights of an accepted update.</summary>
    public Task<float[]> UpdateAsync(Digest update, CancellationToken cancellation) =>
        blobs.ReadWeightsAsync(setup.Manifest, update, cancellation);

    /// <summary>All accepted updates of a round, in canonical order.</summary>
    /// <param name="round">The round.</param>
    /// <param name="before">What it starts from.</param>
    /// <param name="cancellation">Stops reading, and whatever aggregates these updates.</param>
    public async Task<RoundUpdates> UpdatesAsync(RoundState round, TrainingState before, CancellationToken cancellation)
    {
        var models = new List<float[]>();
        foreach (UpdateAccepted update in round.Accepted.Values)
            models.Add(await UpdateAsync(update.Update, cancellation));
        return new RoundUpdates(
            [.. round.Accepted.Keys], new UpdateRows(before.Model, models), [.. round.Accepted.Values.Select(u => u.Examples)],
            setup.LossOf(before.Model))
        {
            Cancellation = cancellation,
            Buffers = setup.Manifest.Buffers.IsEmpty || round.Accepted.Count == 0 ? []
                : ModelFile.ReadBuffers(setup.Manifest, await blobs.GetAsync(round.Accepted.Values.First().Update, cancellation)),
        };
    }

    /// <summary>What the rounds before a round say about participants, by the fold that the round stands in.</summary>
    public async Task<PastRounds> PastAsync(FederationState state, RoundState round, CancellationToken cancellation) => new(
        state.JoinedIn,
        round.Memory is { } memory ? MethodMemory.FromBlob(await blobs.GetAsync(memory, cancellation)) : MethodMemory.Empty);

    /// <summary>Which member of the pool a round opened with.</summary>
    public int Member(RoundState round) => setup.Pool.Members.Select(member => member.Spec).ToList().IndexOf(round.Opened.Aggregator);
}
