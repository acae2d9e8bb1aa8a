namespace FedValue.Ledger.Storage;

/// <summary>A blob that should be there cannot be had.</summary>
public abstract class BlobException : Exception
{
    private protected BlobException(Digest digest, string message)
        : base(message) => Digest = digest;

    /// <summary>The name of the blob.</summary>
    public Digest Digest { get; }
}

/// <summary>There is no blob of that name.</summary>
/// <param name="digest">The name of the blob.</param>
public sealed class BlobMissingException(Digest digest)
    : BlobException(digest, $"The blob {digest} is missing: restore it from a copy of the blob store.");

/// <summary>The bytes of a blob do not hash to its name.</summary>
/// <param name="digest">The name of the blob.</param>
/// <param name="actual">The digest of the bytes that are there.</param>
public sealed class BlobDamagedException(Digest digest, Digest actual)
    : BlobException(digest, $"The blob {digest} is damaged: its bytes hash to {actual}. Restore it from a copy of the blob store.")
{
    /// <summary>The digest of the bytes that are there.</summary>
    public Digest Actual { get; } = actual;
}
