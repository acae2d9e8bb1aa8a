using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>A model in a blob store that is being read: its header is that of the manifest.</summary>
public sealed class StoredModel : IAsyncDisposable
{
    readonly IBlobStore _blobs;
    readonly ModelManifest _manifest;
    readonly Digest _digest;
    readonly SafetensorsReading _reading;

    StoredModel(IBlobStore blobs, ModelManifest manifest, Digest digest, Stream file, SafetensorsReading reading) =>
        (_blobs, _manifest, _digest, File, _reading) = (blobs, manifest, digest, file, reading);

    /// <summary>Its file; at its end when it has been read.</summary>
    public Stream File { get; }

    /// <summary>
    /// Where the file holds the d weights as they are computed with: F32, one after the other in the manifest's order. Null where they have to
    /// be put together from it.
    /// </summary>
    public long? WeightsAt
    {
        get
        {
            var places = _reading.Header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            long first = places[_manifest.Weights[0].Tensor.Name].Begin;
            bool asComputed = _manifest.Weights.All(weight =>
                weight.Tensor.Type == TensorType.F32 && places[weight.Tensor.Name].Begin == first + sizeof(float) * weight.Offset);
            return asComputed ? _reading.Header.DataStart + first : null;
        }
    }

    /// <summary>Opens a model's blob and reads its header; its digest is checked when all of it is read.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="SafetensorsException">It is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<StoredModel> OpenAsync(
        IBlobStore blobs, ModelManifest manifest, Digest digest, CancellationToken cancellation = default)
    {
        Stream file = await blobs.OpenReadAsync(digest, cancellation);
        try
        {
            SafetensorsReading reading = await NamedIfDamagedAsync(
                blobs, digest, () => ModelFile.BeginAsync(manifest, file, cancellation), cancellation);
            return new StoredModel(blobs, manifest, digest, file, reading);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads it to its end, once, and checks its digest.</summary>
    /// <param name="take">Given every piece of every tensor, before it is known whether the blob is damaged.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    /// <exception cref="BlobDamagedException">Its bytes have changed.</exception>
    public async Task ReadAsync(TensorPiece take, CancellationToken cancellation = default)
    {
        Digest actual = await NamedIfDamagedAsync(_blobs, _digest, () => _reading.ReadAsync(take, cancellation), cancellation);
        if (actual != _digest)
            throw new BlobDamagedException(_digest, actual);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => File.DisposeAsync();

    /// <summary>A damaged blob is called that, whatever the damage did to it.</summary>
    static async Task<T> NamedIfDamagedAsync<T>(IBlobStore blobs, Digest digest, Func<Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await read();
        }
        catch (Exception unreadable) when (unreadable is SafetensorsException or ModelMismatchException or EndOfStreamException)
        {
            await blobs.VerifyAsync(digest, cancellation);
            throw;
        }
    }
}

/// <summary>What is read of models in blob stores most often.</summary>
public static class StoredModels
{
    /// <summary>The d weights of a model's blob, as <see cref="ModelFile.ReadWeights"/> gives them; its digest has been checked.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="SafetensorsException">It is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<float[]> ReadWeightsAsync(
        this IBlobStore blobs, ModelManifest manifest, Digest digest, CancellationToken cancellation = default) =>
        (await blobs.ReadModelAsync(manifest, digest, buffers: false, cancellation)).Weights;

    /// <summary>The d weights of a model's blob and, where they are wanted, its buffers; its digest has been checked.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="SafetensorsException">It is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<ModelTensors> ReadModelAsync(
        this IBlobStore blobs, ModelManifest manifest, Digest digest, bool buffers, CancellationToken cancellation = default)
    {
        await using StoredModel model = await StoredModel.OpenAsync(blobs, manifest, digest, cancellation);
        var tensors = new ModelTensors(manifest, weights: true, buffers);
        await model.ReadAsync(tensors.Take, cancellation);
        return tensors;
    }
}
