namespace FedValue.Ledger.Storage;

/// <summary>Contents by their SHA-256 digest: models, updates, statistics, values. Any number of callers at once.</summary>
public interface IBlobStore
{
    /// <summary>Stores a content, unless it is there already, and returns its name.</summary>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default);

    /// <summary>
    /// Stores what a stream holds from here to its end, without keeping it in memory where the store is on disk. A stream that fails or is
    /// cancelled before its end leaves nothing.
    /// </summary>
    /// <exception cref="BlobDamagedException">It is there already, but its bytes have changed.</exception>
    ValueTask<Digest> PutAsync(Stream content, CancellationToken ct = default);

    /// <summary>The content of that name; its digest has been checked.</summary>
    /// <exception cref="BlobMissingException">There is none.</exception>
    /// <exception cref="BlobDamagedException">Its bytes have changed.</exception>
    ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default);

    /// <summary>Whether there is a content of that name; its bytes are not checked.</summary>
    ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default);
}
