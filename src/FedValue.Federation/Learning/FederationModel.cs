using System.Collections.Immutable;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Learning;

/// <summary>
/// What a federation trains, as it is before the first round. Weights of a model whose layers are known are in memory, because this program trains
/// and measures it; of another one only the manifest is needed, and its numbers stay in its file.
/// </summary>
public sealed class FederationModel
{
    readonly float[]? _weights;
    readonly IBlobContent? _file;

    FederationModel(ModelManifest manifest, Network? network, float[]? weights, ImmutableArray<Tensor> buffers, IBlobContent? file)
    {
        RequirePossible(manifest);
        (Manifest, Network, _weights, Buffers, _file) = (manifest, network, weights, buffers, file);
    }

    /// <summary>What its tensors are.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Its layers, so that this program can train and measure it; null where only the manifest is known.</summary>
    public Network? Network { get; }

    /// <summary>d weights.</summary>
    /// <exception cref="InvalidOperationException">They are not in memory.</exception>
    public float[] Weights => _weights ?? throw new InvalidOperationException(
        "The weights of a model whose layers are not known stay in its file; read them from there.");

    /// <summary>The manifest's buffers in its order, where its numbers are in memory.</summary>
    public ImmutableArray<Tensor> Buffers { get; }

    /// <summary>A model whose layers are known.</summary>
    /// <exception cref="FormatException">A weight is not finite.</exception>
    public static FederationModel Native(Network network, float[] weights) => InMemory(network.Manifest, network, weights, []);

    /// <summary>A model in memory of which only the manifest is known.</summary>
    /// <exception cref="FormatException">A number is not finite, or there is no weight.</exception>
    public static FederationModel Of(ModelManifest manifest, float[] weights, ImmutableArray<Tensor> buffers) =>
        InMemory(manifest, network: null, weights, buffers);

    /// <summary>The model in a file of any length, which is read once and must stay as it is until the model is stored.</summary>
    /// <param name="architecture">The layers, for example <c>softmax</c> or <c>mlp:64,32</c>; empty where only the manifest is known.</param>
    /// <param name="manifest">What the tensors are.</param>
    /// <param name="file">Safetensors; its streams can seek.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="FormatException">
    /// The file is not well formed, holds a number that is not finite, or the manifest is not that of the architecture or of a model that is
    /// larger than can be computed with.
    /// </exception>
    /// <exception cref="ModelMismatchException">The file is not of this manifest.</exception>
    public static async Task<FederationModel> ReadAsync(
        string architecture, ModelManifest manifest, IBlobContent file, CancellationToken cancellation = default)
    {
        RequirePossible(manifest);
        await using Stream stream = file.OpenRead();
        SafetensorsReading reading = await ModelFile.BeginAsync(manifest, stream, cancellation);
        return await TakeAsync(
            architecture, manifest, take => reading.ReadAsync(take, cancellation),
            () => new RewrittenModel(manifest, reading.Header, file));
    }

    /// <summary>The model that a ledger names.</summary>
    /// <param name="architecture">The layers; empty where only the manifest is known.</param>
    /// <param name="manifest">What the tensors are.</param>
    /// <param name="blobs">Where it lies.</param>
    /// <param name="digest">Its name.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="FormatException">As of <see cref="ReadAsync"/>.</exception>
    /// <exception cref="ModelMismatchException">The blob is not of this manifest.</exception>
    public static async Task<FederationModel> LoadAsync(
        string architecture, ModelManifest manifest, IBlobStore blobs, Digest digest, CancellationToken cancellation = default)
    {
        RequirePossible(manifest);
        await using StoredModel stored = await StoredModel.OpenAsync(blobs, manifest, digest, cancellation);
        return await TakeAsync(architecture, manifest, take => stored.ReadAsync(take, cancellation), () => null);
    }

    /// <summary>The file of the model; F64 weights are those that fp32 can hold.</summary>
    /// <exception cref="InvalidOperationException">It was read from a ledger's blobs, where the file is.</exception>
    public IBlobContent ToFile() => _file ?? throw new InvalidOperationException("The file of this model lies in its store already.");

    static FederationModel InMemory(ModelManifest manifest, Network? network, float[] weights, ImmutableArray<Tensor> buffers)
    {
        if (ModelFile.FindNotFinite(manifest, weights) is { } weight)
            throw FiniteCheck.NotFinite(weight.Tensor.Name, weight.Offset, weight.Value);
        if (ModelFile.FindNotFinite(buffers) is { } buffer)
            throw FiniteCheck.NotFinite(buffer.Tensor, buffer.Offset, buffer.Value);
        return new FederationModel(manifest, network, weights, buffers, ModelFile.Content(manifest, weights, buffers));
    }

    static async Task<FederationModel> TakeAsync(
        string architecture, ModelManifest manifest, Func<TensorPiece, Task> read, Func<IBlobContent?> file)
    {
        Network? network = architecture == "" ? null : NetworkOf(Architecture.Parse(architecture), manifest);
        var finite = new FiniteCheck(manifest);
        var held = new ModelTensors(manifest, weights: network is not null, buffers: false);
        await read((tensor, at, bytes) =>
        {
            finite.Take(tensor, at, bytes);
            held.Take(tensor, at, bytes);
        });
        finite.ThrowIfFound();
        return new FederationModel(manifest, network, network is null ? null : held.Weights, [], file());
    }

    static void RequirePossible(ModelManifest manifest)
    {
        if (manifest.WeightCount == 0)
            throw new FormatException("A model has at least one weight, but the manifest has none; name fewer tensors as buffers.");
        if (manifest.WeightCount > Array.MaxLength)
        {
            throw new FormatException(
                $"A model is computed with as one array, so it has at most {Array.MaxLength} weights, but this manifest has "
                + $"{manifest.WeightCount}; federate a part of the model.");
        }
        if (manifest.Buffers.FirstOrDefault(buffer => buffer.Length > Array.MaxLength) is { } large)
        {
            throw new FormatException(
                $"A buffer is carried along as one array, so it has at most {Array.MaxLength} bytes, but '{large.Name}' is {large.Form}; "
                + "divide it, or let it be a weight.");
        }
    }

    static Network NetworkOf(Architecture architecture, ModelManifest manifest)
    {
        // Of any native model, the first tensor is a matrix whose columns are features, the last one the bias of the logits.
        if (manifest.Tensors is [{ Shape: [_, > 0 and <= int.MaxValue and var features] }, .., { Shape: [> 0 and <= int.MaxValue and var classes] }])
        {
            var network = new Network(architecture, (int)features, (int)classes);
            if (network.Manifest.ToJson().AsSpan().SequenceEqual(manifest.ToJson()))
                return network;
        }
        throw new FormatException($"The manifest is not that of a model '{architecture.Spec}'; leave the architecture empty for other models.");
    }
}
