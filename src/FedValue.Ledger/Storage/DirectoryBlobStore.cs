using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace FedValue.Ledger.Storage;

/// <summary>Blobs as files: the first two hex digits of the digest are the folder, the other 62 the file.</summary>
/// <remarks>
/// Life of a blob: written to a temporary file beside its place (a stream, whose digest is known last: in the root), forced to the disk,
/// renamed, the folder forced to the disk. So a file under its final name is complete, and one whose digest was returned survives a loss of
/// power. A process that is killed in between leaves a <c>.tmp</c> file that nothing reads and <see cref="DeleteUnfinished"/> deletes.
/// </remarks>
public sealed class DirectoryBlobStore : IBlobStore
{
    const int FolderDigits = 2;
    const int FirstPieceLength = 1 << 15; // small contents, of which many may come at once, need no more
    const int PieceLength = 1 << 17; // one is held by every upload that runs
    readonly string _root;
    readonly bool _forReading;

    /// <summary>Opens a folder of blobs, or creates it.</summary>
    /// <exception cref="IOException">The folder cannot be created, or the path is a file.</exception>
    public DirectoryBlobStore(string root)
        : this(Directory.CreateDirectory(root).FullName, forReading: false)
    {
    }

    DirectoryBlobStore(string root, bool forReading) => (_root, _forReading) = (root, forReading);

    /// <summary>Opens a folder of blobs for an auditor: nothing is ever written, and a folder that is not there holds no blob.</summary>
    public static DirectoryBlobStore OpenForReading(string root) => new(Path.GetFullPath(root), forReading: true);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The folder was opened for reading.</exception>
    public async ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default)
    {
        RequireWriting();
        ct.ThrowIfCancellationRequested();
        Digest digest = Digest.Of(content.Span);
        string path = PathOf(digest);
        string folder = Path.GetDirectoryName(path)!;
        if (File.Exists(path))
        {
            await VerifyAsync(digest, path, ct);
        }
        else
        {
            CreateFolder(folder);
            await WriteAsync(path, content, ct);
        }

        // Also when the file was there: whoever wrote it may have crashed before this.
        DurableFile.FlushFolder(folder);
        return digest;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The folder was opened for reading.</exception>
    public async ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default)
    {
        RequireWriting();
        string temporary = Path.Combine(_root, Path.GetRandomFileName() + ".tmp");
        try
        {
            Digest digest;
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                digest = await CopyAsync(content, file, ct);
                if (!keep(digest))
                    return digest;
                DurableFile.Flush(file, temporary);
            }
            string path = PathOf(digest);
            CreateFolder(Path.GetDirectoryName(path)!);
            if (File.Exists(path))
                await VerifyAsync(digest, path, ct);
            else
                File.Move(temporary, path, overwrite: true);
            DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
            return digest;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(PathOf(digest), ct);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobMissingException(digest);
        }

        Digest actual = Digest.Of(content);
        return actual == digest ? content : throw new BlobDamagedException(digest, actual);
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(Digest digest, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<Stream>(new FileStream(
                PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, PieceLength, FileOptions.Asynchronous));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobMissingException(digest);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Where the folder was opened for reading, it is in the system's folder for temporary files, as the copy of a ledger is.</remarks>
    public FileStream? OpenScratch()
    {
        string path = Path.Combine(_forReading ? Path.GetTempPath() : _root, Path.GetRandomFileName() + ".tmp");
        var file = new FileStream(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0,
            OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
        if (!OperatingSystem.IsWindows())
            File.Delete(path); // at once, so that a process that is killed leaves nothing
        return file;
    }

    /// <inheritdoc/>
    public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(File.Exists(PathOf(digest)));
    }

    /// <summary>Deletes what writers that were killed have left.</summary>
    /// <remarks>Only for who knows that nobody writes: it would take the files of writers that live, in this process or another, from them.</remarks>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    /// <exception cref="InvalidOperationException">The folder was opened for reading.</exception>
    public void DeleteUnfinished()
    {
        RequireWriting();
        foreach (string file in Directory.EnumerateFiles(_root, "*.tmp", SearchOption.AllDirectories))
            File.Delete(file);
    }

    void RequireWriting()
    {
        if (_forReading)
            throw new InvalidOperationException($"The blobs in '{_root}' were opened for reading: open the folder for writing to store one.");
    }

    string PathOf(Digest digest)
    {
        string hex = digest.ToString();
        return Path.Combine(_root, hex[..FolderDigits], hex[FolderDigits..]);
    }

    void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);
        DurableFile.FlushFolder(_root);
    }

    static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        // The random part keeps two writers of the same content apart; nothing depends on it once the file has its name.
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
            {
                await RandomAccess.WriteAsync(file, content, fileOffset: 0, ct);
                DurableFile.Flush(file, temporary);
            }

            // A second writer of the same content replaces the file by the same bytes.
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>
    /// Writes a stream to a file and digests it, piece by piece on one thread: what follows comes in meanwhile, and a piece that went from
    /// thread to thread would leave the processor's cache between.
    /// </summary>
    static async Task<Digest> CopyAsync(Stream content, SafeFileHandle file, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = ArrayPool<byte>.Shared.Rent(FirstPieceLength);
        try
        {
            int wanted = FirstPieceLength;
            for (long offset = 0; ;)
            {
                int count = await content.ReadAtLeastAsync(piece.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, ct);
                hash.AppendData(piece, 0, count);
                RandomAccess.Write(file, piece.AsSpan(0, count), offset);
                if (count < wanted)
                    return new Digest(hash.GetHashAndReset());
                offset += count;
                if (wanted == FirstPieceLength)
                {
                    wanted = PieceLength;
                    (byte[] small, piece) = (piece, ArrayPool<byte>.Shared.Rent(PieceLength));
                    ArrayPool<byte>.Shared.Return(small);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    static async Task VerifyAsync(Digest digest, string path, CancellationToken ct)
    {
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Digest actual = new(await SHA256.HashDataAsync(file, ct));
        if (actual != digest)
            throw new BlobDamagedException(digest, actual);
    }
}
