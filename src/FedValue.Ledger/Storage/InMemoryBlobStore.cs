using System.Collections.Concurrent;

namespace FedValue.Ledger.Storage;

/// <summary>Blobs that live as long as the process: for simulations and tests.</summary>
public sealed class InMemoryBlobStore : IBlobStore
{
    readonly ConcurrentDictionary<Digest, byte[]> _contents = new();

    /// <inheritdoc/>
    public ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        Digest digest = Digest.Of(content.Span);
        if (!_contents.ContainsKey(digest))
            _contents.TryAdd(digest, content.ToArray());
        return ValueTask.FromResult(digest);
    }

    /// <inheritdoc/>
    public async ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default)
    {
        using var whole = new MemoryStream();
        await content.CopyToAsync(whole, ct);
        byte[] bytes = whole.ToArray();
        Digest digest = Digest.Of(bytes);
        if (keep(digest))
            _contents.TryAdd(digest, bytes);
        return digest;
    }

    /// <inheritdoc/>
    /// <remarks>No caller ever holds the stored array itself, so there is nothing to check again.</remarks>
    public ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        return _contents.TryGetValue(digest, out byte[]? content)
            ? ValueTask.FromResult(content.ToArray())
            : throw new BlobMissingException(digest);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_contents.ContainsKey(digest));
    }
}
