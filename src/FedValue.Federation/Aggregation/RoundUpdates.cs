using System.Collections.Immutable;
using FedValue.Kernels;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// A round's accepted updates in ordinal order of their participants. Figures that only some rules need are measured at their first use, by
/// any thread; they depend on the updates alone.
/// </summary>
public sealed class RoundUpdates : IDisposable
{
    readonly Lazy<double> _baseLoss;
    readonly Lazy<double[]> _squaredNorms;
    readonly Lazy<double[]> _squaredDistances;

    /// <summary>Takes the updates; nothing is copied.</summary>
    /// <param name="participants">n ids.</param>
    /// <param name="rows">The matrix X (n x d) of local models minus base model.</param>
    /// <param name="examples">How many examples each says it trained on: n claims of 1 or more.</param>
    /// <param name="baseLoss">Measures the server's validation loss of the base model, in nats; called at most once.</param>
    public RoundUpdates(
        IReadOnlyList<string> participants, UpdateRows rows, IReadOnlyList<long> examples, Func<double>? baseLoss = null)
    {
        Participants = participants;
        Rows = rows;
        Examples = examples;
        _baseLoss = new Lazy<double>(baseLoss ?? (() => throw new InvalidOperationException(
            "This aggregator needs the validation loss of the round's base model, but the updates came without one.")));
        _squaredNorms = new Lazy<double[]>(MeasureNorms);
        _squaredDistances = new Lazy<double[]>(MeasureDistances);
    }

    /// <summary>n ids.</summary>
    public IReadOnlyList<string> Participants { get; }

    /// <summary>The matrix X (n x d) of local models minus base model.</summary>
    public UpdateRows Rows { get; }

    /// <summary>How many examples each says it trained on.</summary>
    public IReadOnlyList<long> Examples { get; }

    /// <summary>The buffers of the first participant's model, in the manifest's order; none where the model has none or nobody sent one.</summary>
    public ImmutableArray<Tensor> Buffers { get; init; } = [];

    /// <summary>What the rows lie in, where that has to be given back: the updates cannot be read afterwards.</summary>
    public IReadOnlyList<IDisposable> Held { get; init; } = [];

    /// <summary>Stops the aggregation of these updates between tiles of the model or between updates.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>n.</summary>
    public int Count => Participants.Count;

    /// <summary>All of them: 0 .. n-1.</summary>
    public int[] Everyone => [.. Enumerable.Range(0, Count)];

    /// <summary>The server's validation loss of the round's base model, in nats.</summary>
    /// <exception cref="InvalidOperationException">The updates came without one.</exception>
    public double BaseLoss => _baseLoss.Value;

    /// <summary>FedAvg's weights of a coalition: p_i = examples_i / sum over the coalition.</summary>
    public double[] Weights(ReadOnlySpan<int> coalition)
    {
        double total = 0;
        foreach (int member in coalition)
            total += Examples[member];
        var weights = new double[coalition.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Examples[coalition[i]] / total;
        return weights;
    }

    /// <summary>||x_i||^2 of update i.</summary>
    public double SquaredNorm(int i) => _squaredNorms.Value[i];

    /// <summary>||x_i - x_j||^2 of two updates: exactly 0 for equal ones, and the same from i as from j.</summary>
    public double SquaredDistance(int i, int j) => _squaredDistances.Value[i * Count + j];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable held in Held)
            held.Dispose();
    }

    double[] MeasureNorms()
    {
        var backend = new CpuBackend(threads: 1);
        var norms = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            norms[i] = backend.Measure(Rows, i, [])[0];
        }
        return norms;
    }

    /// <summary>n x n, row-major: differences of local models instead of a Gram matrix, which would lose small distances to cancellation.</summary>
    double[] MeasureDistances()
    {
        var backend = new CpuBackend(threads: 1);
        ReadOnlyMemory<float>[] models = [.. Everyone.Select(i => Rows.Models[i])];
        var distances = new double[Count * Count];
        for (int i = 0; i < Count - 1; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            double[] fromModel = backend.Read(new UpdateRows(models[i], models[(i + 1)..]), new() { SquaredNorms = true }).SquaredNorms;
            for (int j = i + 1; j < Count; j++)
                distances[i * Count + j] = distances[j * Count + i] = fromModel[j - i - 1];
        }
        return distances;
    }
}
