using System.Diagnostics;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Server.Telemetry;

/// <summary>A blob store in which every stream that comes, so every update, is a span and counted bytes.</summary>
/// <param name="blobs">The store.</param>
/// <param name="telemetry">Told of the bytes.</param>
sealed class TracedBlobStore(IBlobStore blobs, ServerTelemetry telemetry) : IBlobStore
{
    public async ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default)
    {
        using Activity? span = telemetry.Source.StartActivity("update intake");
        long before = content.Position;
        try
        {
            return await blobs.PutAsync(content, keep, ct);
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        finally
        {
            long received = content.Position - before;
            span?.SetTag("fedvalue.bytes", received);
            telemetry.Received(received);
        }
    }

    public ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default) => blobs.PutAsync(content, ct);

    public ValueTask<Digest> PutAsync(IBlobContent content, CancellationToken ct = default) => blobs.PutAsync(content, ct);

    public ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default) => blobs.GetAsync(digest, ct);

    public ValueTask<Stream> OpenReadAsync(Digest digest, CancellationToken ct = default) => blobs.OpenReadAsync(digest, ct);

    public FileStream? OpenScratch() => blobs.OpenScratch();

    public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default) => blobs.ContainsAsync(digest, ct);
}
