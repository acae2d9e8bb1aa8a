using System.Collections.Immutable;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The d weights of a stored model. Where its file holds them as they are computed with, and the store gives the file, they are mapped and take
/// no memory that the system could not take back; otherwise they are read into an array. The bits are the same.
/// </summary>
sealed class StoredWeights : IDisposable
{
    /// <summary>From this many bytes of weights on; less is read sooner than mapped, and a process has a limited number of maps.</summary>
    public const long MappedFrom = 1 << 20;

    readonly IDisposable? _mapped;

    StoredWeights(ReadOnlyMemory<float> values, IDisposable? mapped, ImmutableArray<Tensor> buffers) =>
        (Values, _mapped, Buffers) = (values, mapped, buffers);

    /// <summary>d weights, until this is disposed of.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>The model's buffers in the manifest's order, where they were wanted.</summary>
    public ImmutableArray<Tensor> Buffers { get; }

    /// <summary>Whether they lie in the file.</summary>
    public bool IsMapped => _mapped is not null;

    /// <summary>Reads the whole blob once, for its digest, and then has its weights.</summary>
    /// <param name="blobs">Where it lies.</param>
    /// <param name="manifest">What its tensors are.</param>
    /// <param name="digest">Its name.</param>
    /// <param name="buffers">Whether its buffers are wanted.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <param name="mappedFrom">How many bytes of weights are worth a map.</param>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="SafetensorsException">It is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<StoredWeights> OpenAsync(
        IBlobStore blobs, ModelManifest manifest, Digest digest, bool buffers, CancellationToken cancellation, long mappedFrom = MappedFrom)
    {
        await using StoredModel model = await StoredModel.OpenAsync(blobs, manifest, digest, cancellation);
        long? place = BitConverter.IsLittleEndian && sizeof(float) * manifest.WeightCount >= mappedFrom ? model.WeightsAt : null;
        var file = model.File as FileStream;
        bool map = file is not null && place % sizeof(float) == 0;
        var tensors = new ModelTensors(manifest, weights: !map, buffers);
        await model.ReadAsync(tensors.Take, cancellation);
        if (!map)
            return new StoredWeights(tensors.Weights, null, tensors.Buffers);
        var mapped = new MappedWeights(file!, place!.Value, (int)manifest.WeightCount);
        return new StoredWeights(mapped.Memory, mapped, tensors.Buffers);
    }

    /// <inheritdoc/>
    public void Dispose() => _mapped?.Dispose();
}
