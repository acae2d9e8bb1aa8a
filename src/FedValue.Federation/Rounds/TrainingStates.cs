using FedValue.Federation.Aggregation;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>Training states and updates read back from the blobs that the ledger names. Any number of callers.</summary>
sealed class TrainingStates(FederationSetup setup, IBlobStore blobs)
{
    /// <summary>The state a round starts from; it may hold a file until it is disposed of.</summary>
    /// <param name="round">The round.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <param name="rules">Whether the states of the rules are wanted, which may be several times the model; otherwise there are none.</param>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public async Task<TrainingState> BeforeAsync(RoundState round, CancellationToken cancellation, bool rules = true)
    {
        // What is measured on validation rows is computed with as an array.
        StoredWeights model = await StoredWeights.OpenAsync(
            blobs, setup.Manifest, round.Opened.Model, buffers: true, cancellation,
            setup.Validation is null ? StoredWeights.MappedFrom : long.MaxValue);
        try
        {
            TrainingState training = !rules ? new TrainingState(model.Values, [])
                : round.AggregatorState is { } states ? await StatesAsync(model.Values, states, cancellation)
                : TrainingState.Start(setup, model.Values);
            return training with { Buffers = model.Buffers, Held = model };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The weights of an accepted update.</summary>
    public Task<float[]> UpdateAsync(Digest update, CancellationToken cancellation) =>
        blobs.ReadWeightsAsync(setup.Manifest, update, cancellation);

    /// <summary>All accepted updates of a round, in canonical order; they hold files until they are disposed of.</summary>
    /// <param name="round">The round.</param>
    /// <param name="before">What it starts from.</param>
    /// <param name="cancellation">Stops reading, and whatever aggregates these updates.</param>
    public async Task<RoundUpdates> UpdatesAsync(RoundState round, TrainingState before, CancellationToken cancellation)
    {
        var models = new List<StoredWeights>();
        try
        {
            foreach (UpdateAccepted update in round.Accepted.Values)
                models.Add(await StoredWeights.OpenAsync(blobs, setup.Manifest, update.Update, buffers: models.Count == 0, cancellation));
        }
        catch
        {
            models.ForEach(model => model.Dispose());
            throw;
        }
        return new RoundUpdates(
            [.. round.Accepted.Keys], new UpdateRows(before.Model, [.. models.Select(model => model.Values)]),
            [.. round.Accepted.Values.Select(u => u.Examples)], setup.LossOf(before.Model))
        {
            Cancellation = cancellation,
            Buffers = models.Count == 0 ? [] : models[0].Buffers,
            Held = models,
        };
    }

    async Task<TrainingState> StatesAsync(ReadOnlyMemory<float> model, Digest digest, CancellationToken cancellation)
    {
        await using Stream blob = await blobs.OpenReadAsync(digest, cancellation);
        try
        {
            StoredStates read = await AggregationState.FromBlobAsync(blob, setup.Pool, setup.Counterfactual, cancellation);
            return read.Digest == digest ? new TrainingState(model, read.States) { Counterfactuals = read.Counterfactuals }
                : throw new BlobDamagedException(digest, read.Digest);
        }
        catch (Exception unreadable) when (unreadable is FormatException or EndOfStreamException)
        {
            await blobs.VerifyAsync(digest, cancellation); // a damaged blob is called that, whatever the damage did to it
            throw;
        }
    }

    /// <summary>What the rounds before a round say about participants, by the fold that the round stands in.</summary>
    public async Task<PastRounds> PastAsync(FederationState state, RoundState round, CancellationToken cancellation) => new(
        state.JoinedIn,
        round.Memory is { } memory ? MethodMemory.FromBlob(await blobs.GetAsync(memory, cancellation)) : MethodMemory.Empty);

    /// <summary>Which member of the pool a round opened with.</summary>
    public int Member(RoundState round) => setup.Pool.Members.Select(member => member.Spec).ToList().IndexOf(round.Opened.Aggregator);
}
