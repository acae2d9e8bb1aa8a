using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>A participant's local training: SGD from the round's model over its own rows.</summary>
/// <param name="network">The model's layers.</param>
/// <param name="settings">How to train.</param>
/// <exception cref="ArgumentException">The settings have a problem.</exception>
public sealed class LocalTrainer(Network network, TrainingSettings settings)
{
    readonly TrainingSettings _settings = settings.Problem() is { } problem ? throw new ArgumentException(problem) : settings;

    /// <summary>The local model (d weights) after the local epochs. Bits depend on model, rows, settings and stream only.</summary>
    /// <param name="model">The round's model, d weights; not changed.</param>
    /// <param name="rows">The participant's rows, 1 or more.</param>
    /// <param name="random">Orders the rows of every epoch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public float[] Train(ReadOnlySpan<float> model, LabelledRows rows, RandomStream random, CancellationToken cancellation = default)
    {
        float[] weights = model.ToArray();
        var gradient = new float[weights.Length];
        var velocity = new float[weights.Length];
        int rowsMax = Math.Min(NetworkPass.RowsMax, Math.Min(_settings.BatchSize, rows.Count));
        var pass = new NetworkPass(network, rowsMax);
        pass.Load(weights);
        Span<float> batch = Aligned.Singles(rowsMax * rows.Width).Span;
        var labels = new int[rowsMax];

        for (int epoch = 0; epoch < _settings.LocalEpochs; epoch++)
        {
            int[] order = random.NextPermutation(rows.Count);
            for (int start = 0; start < order.Length; start += _settings.BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<int> members = order.AsSpan(start, Math.Min(_settings.BatchSize, order.Length - start));
                for (int first = 0; first < members.Length; first += rowsMax)
                {
                    int count = Math.Min(rowsMax, members.Length - first);
                    for (int i = 0; i < count; i++)
                    {
                        rows.Row(members[first + i]).CopyTo(batch[(i * rows.Width)..]);
                        labels[i] = rows.Labels[members[first + i]];
                    }
                    ReadOnlySpan<float> piece = batch[..(count * rows.Width)];
                    pass.Forward(piece, count);
                    pass.Backward(piece, labels.AsSpan(0, count), 1.0 / members.Length, gradient, fresh: first == 0);
                }
                if (_settings.ProximalMu != 0) // adding zeros would turn -0 into 0
                    AddProximalTerm(gradient, weights, model);
                Step(weights, gradient, velocity);
            }
        }
        return weights;
    }

    /// <summary>g += mu (w - w_round), the gradient of FedProx's mu/2 ||w - w_round||^2; every operation rounded to fp32.</summary>
    void AddProximalTerm(float[] gradient, float[] weights, ReadOnlySpan<float> model)
    {
        float mu = (float)_settings.ProximalMu;
        for (int i = 0; i < weights.Length; i++)
            gradient[i] += mu * (weights[i] - model[i]);
    }

    void Step(float[] weights, float[] gradient, float[] velocity) => TrainingStep.Descend(
        weights, gradient, velocity, (float)_settings.LearningRate, (float)_settings.Momentum, (float)_settings.WeightDecay);
}
