using System.Buffers;
using System.Security.Cryptography;
using FedValue.Ledger;

namespace FedValue.Protocol.Safetensors;

/// <summary>Takes some bytes of a tensor: a whole number of elements, which begin so many bytes after the tensor does.</summary>
public delegate void TensorPiece(TensorInfo tensor, long at, ReadOnlySpan<byte> bytes);

/// <summary>Reads a safetensors file of any length piece by piece: beside the header, one piece of it is in memory.</summary>
public sealed class SafetensorsReading
{
    const int PieceMax = 1 << 18; // a multiple of every type's width
    readonly Stream _file;
    readonly byte[] _start;

    SafetensorsReading(Stream file, byte[] start, SafetensorsHeader header) => (_file, _start, Header) = (file, start, header);

    /// <summary>The checked header.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Reads the header of a file.</summary>
    /// <param name="file">The file, at its beginning; its length must be known. It stays open.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="SafetensorsException">The file breaks a rule.</exception>
    /// <exception cref="EndOfStreamException">It is shorter than it says.</exception>
    public static async Task<SafetensorsReading> BeginAsync(Stream file, CancellationToken cancellation)
    {
        var start = new byte[SafetensorsHeader.PrefixLength];
        await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        Array.Resize(ref start, start.Length + SafetensorsHeader.ReadLength(start, file.Length));
        await file.ReadExactlyAsync(start.AsMemory(SafetensorsHeader.PrefixLength), cancellation);
        return new SafetensorsReading(file, start, SafetensorsHeader.Parse(start, file.Length));
    }

    /// <summary>Reads the tensors in the order of their bytes to the end of the file, once.</summary>
    /// <param name="take">Given every piece, in order; one of no bytes for a tensor that has none.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    /// <param name="piece">How many bytes are read at once at most, a multiple of 8.</param>
    /// <returns>The digest of the whole file.</returns>
    /// <exception cref="EndOfStreamException">The file is shorter than it was.</exception>
    public async Task<Digest> ReadAsync(TensorPiece take, CancellationToken cancellation, int piece = PieceMax)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_start);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(piece);
        try
        {
            foreach (TensorInfo tensor in Header.Tensors)
            {
                long at = tensor.Begin;
                do
                {
                    Memory<byte> bytes = buffer.AsMemory(0, (int)Math.Min(piece, tensor.End - at));
                    await _file.ReadExactlyAsync(bytes, cancellation);
                    hash.AppendData(bytes.Span);
                    take(tensor, at - tensor.Begin, bytes.Span);
                    at += bytes.Length;
                }
                while (at < tensor.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return new Digest(hash.GetHashAndReset());
    }
}
