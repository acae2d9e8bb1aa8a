using System.Buffers;
using FedValue.Ledger.Storage;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.Win32.SafeHandles;

namespace FedValue.Server.Creation;

/// <summary>A part of a request that may be too long for the memory, in a file of its own until it is disposed of.</summary>
sealed class UploadedFile : IBlobContent, IDisposable
{
    const int PieceLength = 1 << 17;
    readonly string _path;

    UploadedFile(string path, long length) => (_path, Length) = (path, length);

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>
    /// Writes a stream to its end into a new file of a folder, which is made where it is missing. Of a stream that breaks off nothing is left.
    /// </summary>
    /// <exception cref="ApiException">503: the file cannot be written.</exception>
    public static async Task<UploadedFile> ReceiveAsync(string folder, Stream body, CancellationToken cancellation)
    {
        // No federation's folder, which may lie beside it, has a name that ends so.
        string path = Path.Combine(folder, Path.GetRandomFileName() + ".part");
        Kept(() => PrivateFolder.Create(folder));
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            using SafeFileHandle file = Kept(() => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None));
            long length = 0;
            while (await body.ReadAsync(piece, cancellation) is > 0 and var count)
            {
                long offset = length;
                length += Kept(() =>
                {
                    RandomAccess.Write(file, piece.AsSpan(0, count), offset);
                    return count;
                });
            }
            return new UploadedFile(path, length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <inheritdoc/>
    public Stream OpenRead() => new FileStream(
        _path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_path);

    /// <summary>What the disk refuses is not the request's fault.</summary>
    static T Kept<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Problems.Of(503, "damaged", $"The server cannot keep the model: {refused.Message}");
        }
    }
}
