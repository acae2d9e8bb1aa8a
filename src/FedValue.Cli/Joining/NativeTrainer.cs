using FedValue.Cli.Commands;
using FedValue.Client;
using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Cli.Joining;

/// <summary>
/// Trains a native model as a simulated participant does, on the stream (seed, Training, round, stream), and claims its training loss. Under the
/// same numbers its update has the same bytes.
/// </summary>
/// <param name="network">The federation's model.</param>
/// <param name="settings">How to train.</param>
/// <param name="rows">The participant's rows.</param>
/// <param name="seed">The seed of the stream.</param>
/// <param name="stream">Its number; in a simulation the participant's place.</param>
sealed class NativeTrainer(Network network, TrainingSettings settings, LabelledRows rows, long seed, uint stream) : ITrainer
{
    /// <summary>Mean cross-entropy on the own rows before and after the last training, in nats.</summary>
    public (double Before, double After) Losses { get; private set; }

    /// <inheritdoc/>
    public Task<LocalUpdate> FitAsync(RoundModel model, CancellationToken cancellation) => Task.Run(() => Fit(model, cancellation), cancellation);

    LocalUpdate Fit(RoundModel model, CancellationToken cancellation)
    {
        float[] weights = model.Weights();
        var random = new RandomStream(seed, RandomPurpose.Training, (uint)model.Round, stream);
        float[] trained = new LocalTrainer(network, settings).Train(weights, rows, random, cancellation);
        if (trained.FirstOrDefault(weight => !float.IsFinite(weight)) is not 0)
            throw new UsageException($"Training diverged in round {model.Round}, and nothing was sent; lower --learning-rate.");
        Losses = (ModelScore.Mean(network, rows, weights).Loss, ModelScore.Mean(network, rows, trained).Loss);
        return model.Update(trained, rows.Count, double.IsFinite(Losses.After) ? Losses.After : null);
    }
}
