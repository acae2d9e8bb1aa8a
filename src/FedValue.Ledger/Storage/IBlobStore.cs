using System.Security.Cryptography;

namespace FedValue.Ledger.Storage;

/// <summary>Contents by their SHA-256 digest: models, updates, statistics, values. Any number of callers at once.</summary>
public interface IBlobStore
{
    /// <summary>Stores a content, unless it is there already, and returns its name.</summary>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default);

    /// <summary>
    /// Stores what a stream holds from here to its end, without keeping it in memory where the store is on disk. A stream that fails or is
    /// cancelled before its end leaves nothing, and neither does one that nobody wants to keep.
    /// </summary>
    /// <param name="content">The stream, read once and to its end.</param>
    /// <param name="keep">Asked once, after the last byte: whether the content of this digest becomes a blob.</param>
    /// <param name="ct">Stops reading.</param>
    /// <returns>The digest of what the stream held, kept or not.</returns>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default);

    /// <summary>Stores a content that is made while it is written.</summary>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    async ValueTask<Digest> PutAsync(IBlobContent content, CancellationToken ct = default)
    {
        await using Stream bytes = content.OpenRead();
        return await PutAsync(bytes, _ => true, ct);
    }

    /// <summary>The content of that name, as one array; its digest has been checked.</summary>
    /// <exception cref="BlobMissingException">There is none.</exception>
    /// <exception cref="BlobDamagedException">Its bytes have changed.</exception>
    ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default);

    /// <summary>
    /// The content of that name as a seekable stream; its digest is not checked, whoever reads it knows it and can. A store that keeps every
    /// content in a file of its own gives a <see cref="FileStream"/>, so that who computes with a large one can map it into memory.
    /// </summary>
    /// <exception cref="BlobMissingException">There is none.</exception>
    async ValueTask<Stream> OpenReadAsync(Digest digest, CancellationToken ct = default) =>
        new MemoryStream(await GetAsync(digest, ct), writable: false);

    /// <summary>
    /// An empty file for what is computed with and has no room in memory: only its owner knows it, and when it is closed and mapped no more it is
    /// gone. Null: the store is in memory itself.
    /// </summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    FileStream? OpenScratch() => null;

    /// <summary>Whether there is a content of that name; its bytes are not checked.</summary>
    ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default);
}

/// <summary>What every store can do by what it can do already.</summary>
public static class BlobStoreExtensions
{
    /// <summary>Stores what a stream holds from here to its end, whatever it is.</summary>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    public static ValueTask<Digest> PutAsync(this IBlobStore blobs, Stream content, CancellationToken ct = default) =>
        blobs.PutAsync(content, _ => true, ct);

    /// <summary>Reads a content piece by piece to check its digest, and gives its length in bytes.</summary>
    /// <exception cref="BlobMissingException">There is none.</exception>
    /// <exception cref="BlobDamagedException">Its bytes have changed.</exception>
    public static async ValueTask<long> VerifyAsync(this IBlobStore blobs, Digest digest, CancellationToken ct = default)
    {
        await using Stream content = await blobs.OpenReadAsync(digest, ct);
        long length = content.Length;
        var actual = new Digest(await SHA256.HashDataAsync(content, ct));
        return actual == digest ? length : throw new BlobDamagedException(digest, actual);
    }
}
