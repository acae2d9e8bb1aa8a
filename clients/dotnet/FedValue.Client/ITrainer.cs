using FedValue.Ledger;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Client;

/// <summary>Trains a round's model on rows that never leave it.</summary>
public interface ITrainer
{
    /// <summary>Trains and returns the whole local model.</summary>
    /// <param name="model">The model that the round begins with.</param>
    /// <param name="cancellation">Stops training; nothing is submitted then.</param>
    Task<LocalUpdate> FitAsync(RoundModel model, CancellationToken cancellation);
}

/// <summary>A trainer that is one function.</summary>
/// <param name="fit">Trains and returns the whole local model.</param>
public sealed class Trainer(Func<RoundModel, CancellationToken, Task<LocalUpdate>> fit) : ITrainer
{
    /// <inheritdoc/>
    public Task<LocalUpdate> FitAsync(RoundModel model, CancellationToken cancellation) => fit(model, cancellation);
}

/// <summary>The model that a round begins with, digest checked.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Digest">The digest of its file.</param>
/// <param name="Manifest">What its tensors are.</param>
/// <param name="File">Its safetensors file.</param>
public sealed record RoundModel(int Round, Digest Digest, ModelManifest Manifest, ReadOnlyMemory<byte> File)
{
    /// <summary>Its tensors by name; they share the file's bytes.</summary>
    public SafetensorsFile Tensors() => SafetensorsFile.Read(File);

    /// <summary>A copy of its weights as one vector of length d, in the order of the manifest.</summary>
    /// <exception cref="NotSupportedException">The model has buffers or weights other than F32; take the tensors.</exception>
    public float[] Weights() => ModelFile.ReadWeights(Manifest, File);

    /// <summary>A local model of this manifest with other weights.</summary>
    /// <param name="weights">d weights.</param>
    /// <param name="examples">How many examples it was trained on.</param>
    /// <param name="loss">Its training loss in nats; null: not said.</param>
    public LocalUpdate Update(ReadOnlySpan<float> weights, long examples, double? loss = null) =>
        LocalUpdate.OfFile(ModelFile.Write(Manifest, weights), examples, loss);
}
