using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The d weights of a stored model, mapped, so that they take no memory that the system could not take back: from its file where that holds them
/// as they are computed with, else from a scratch file of the store. Where there is no such file they are in an array. The bits are the same.
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

    /// <summary>Whether they lie in a file.</summary>
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
        bool isWorthIt = BitConverter.IsLittleEndian && sizeof(float) * manifest.WeightCount >= mappedFrom;
        bool asItLies = isWorthIt && model.File is FileStream && model.WeightsAt % sizeof(float) == 0;
        await using FileStream? scratch = isWorthIt && !asItLies ? blobs.OpenScratch() : null;
        ModelTensors tensors = scratch is null ? new ModelTensors(manifest, weights: !asItLies, buffers)
            : new ModelTensors(manifest, (first, weights) => Write(scratch, first, weights), buffers);
        await model.ReadAsync(tensors.Take, cancellation);
        FileStream? file = asItLies ? (FileStream)model.File : scratch;
        if (file is null)
            return new StoredWeights(tensors.Weights, null, tensors.Buffers);
        var mapped = new MappedWeights(file, asItLies ? model.WeightsAt!.Value : 0, (int)manifest.WeightCount);
        return new StoredWeights(mapped.Memory, mapped, tensors.Buffers);
    }

    static void Write(FileStream scratch, long first, ReadOnlySpan<float> weights) =>
        RandomAccess.Write(scratch.SafeFileHandle, MemoryMarshal.AsBytes(weights), first * sizeof(float));

    /// <inheritdoc/>
    public void Dispose() => _mapped?.Dispose();
}
