using System.Buffers;
using System.Security.Cryptography;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>Reads a model's weights out of its blob piece by piece: beside the weights, one piece of the file is in memory.</summary>
public static class ModelStream
{
    const int PieceLength = 1 << 18; // a multiple of every type's width

    /// <summary>The d weights of a model's blob, as <see cref="ModelFile.ReadWeights"/> gives them; the digest has been checked.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    /// <exception cref="SafetensorsException">It is not well formed.</exception>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    public static async Task<float[]> ReadWeightsAsync(
        this IBlobStore blobs, ModelManifest manifest, Digest digest, CancellationToken cancellation = default)
    {
        await using Stream file = await blobs.OpenReadAsync(digest, cancellation);
        try
        {
            (float[] weights, Digest actual) = await ReadAsync(manifest, file, cancellation);
            return actual == digest ? weights : throw new BlobDamagedException(digest, actual);
        }
        catch (Exception unreadable) when (unreadable is SafetensorsException or ModelMismatchException or EndOfStreamException)
        {
            await blobs.GetAsync(digest, cancellation); // a damaged blob is called that, whatever the damage did to it
            throw;
        }
    }

    static async Task<(float[] Weights, Digest Digest)> ReadAsync(ModelManifest manifest, Stream file, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SafetensorsHeader header = await ReadHeaderAsync(file, hash, cancellation);
        ModelFile.Check(manifest, header);
        Dictionary<string, WeightSlice> slices = manifest.Weights.ToDictionary(weight => weight.Tensor.Name, StringComparer.Ordinal);
        var weights = new float[manifest.WeightCount];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            foreach (TensorInfo tensor in header.Tensors)
            {
                WeightSlice? slice = slices.GetValueOrDefault(tensor.Name);
                for (long at = tensor.Begin; at < tensor.End; at += PieceLength)
                {
                    Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(PieceLength, tensor.End - at));
                    await file.ReadExactlyAsync(piece, cancellation);
                    hash.AppendData(piece.Span);
                    if (slice is null)
                        continue;
                    int width = tensor.Type.Width();
                    var (first, count) = ((int)(slice.Offset + ((at - tensor.Begin) / width)), piece.Length / width);
                    WeightBytes.Read(tensor.Type, piece.Span, weights.AsSpan(first, count));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return (weights, new Digest(hash.GetHashAndReset()));
    }

    static async Task<SafetensorsHeader> ReadHeaderAsync(Stream file, IncrementalHash hash, CancellationToken cancellation)
    {
        var start = new byte[SafetensorsHeader.PrefixLength];
        await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        Array.Resize(ref start, start.Length + SafetensorsHeader.ReadLength(start, file.Length));
        await file.ReadExactlyAsync(start.AsMemory(SafetensorsHeader.PrefixLength), cancellation);
        hash.AppendData(start);
        return SafetensorsHeader.Parse(start, file.Length);
    }
}
