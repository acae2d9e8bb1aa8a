using FedValue.Ledger;
using FedValue.Ledger.Storage;
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

/// <summary>The model that a round begins with, digest checked; its file is there until the trainer has returned.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Digest">The digest of its file.</param>
/// <param name="Manifest">What its tensors are.</param>
/// <param name="Content">Its safetensors file, in memory or, above <see cref="ClientOptions.HeldModelBytes"/>, on disk.</param>
public sealed record RoundModel(int Round, Digest Digest, ModelManifest Manifest, IBlobContent Content)
{
    /// <summary>Its safetensors file in memory.</summary>
    /// <exception cref="NotSupportedException">It is too long and lies on disk: read it from <see cref="OpenRead"/>.</exception>
    public ReadOnlyMemory<byte> File => Content is HeldModel held ? held.Bytes : throw new NotSupportedException(
        $"The model's file of {Content.Length} bytes lies on disk, because it is longer than {nameof(ClientOptions.HeldModelBytes)}; read it from "
        + $"{nameof(OpenRead)}, or take its {nameof(Weights)}.");

    /// <summary>Its safetensors file from the beginning, as a stream that can seek; closed by the caller.</summary>
    public Stream OpenRead() => Content.OpenRead();

    /// <summary>Its tensors by name; they share the file's bytes.</summary>
    /// <exception cref="NotSupportedException">The file lies on disk.</exception>
    public SafetensorsFile Tensors() => SafetensorsFile.Read(File);

    /// <summary>A copy of its weights as one vector of length d, in the order of the manifest, wherever the file lies.</summary>
    /// <exception cref="ModelMismatchException">The file is not of the manifest.</exception>
    public float[] Weights() => Content is HeldModel held ? ModelFile.ReadWeights(Manifest, held.Bytes) : Task.Run(async () =>
    {
        await using Stream file = OpenRead();
        SafetensorsReading reading = await ModelFile.BeginAsync(Manifest, file, CancellationToken.None);
        var tensors = new ModelTensors(Manifest, weights: true, buffers: false);
        await reading.ReadAsync(tensors.Take, CancellationToken.None);
        return tensors.Weights;
    }).GetAwaiter().GetResult();

    /// <summary>A local model of this manifest with other weights, which are shared until it is submitted.</summary>
    /// <param name="weights">d weights.</param>
    /// <param name="examples">How many examples it was trained on.</param>
    /// <param name="loss">Its training loss in nats; null: not said.</param>
    /// <exception cref="ArgumentException">The manifest has buffers, or other weights were expected; send the tensors then.</exception>
    public LocalUpdate Update(ReadOnlyMemory<float> weights, long examples, double? loss = null) =>
        LocalUpdate.OfContent(ModelFile.Content(Manifest, weights), examples, loss);
}
