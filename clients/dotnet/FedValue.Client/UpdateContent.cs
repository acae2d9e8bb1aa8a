using System.Net;

namespace FedValue.Client;

/// <summary>The body of an upload: a piece is read when the connection took the one before, so a slow server slows the reading down.</summary>
sealed class UpdateContent : HttpContent
{
    readonly LocalUpdate _update;
    readonly Stall _stall;

    public UpdateContent(LocalUpdate update, Stall stall)
    {
        (_update, _stall) = (update, stall);
        Headers.ContentType = new("application/octet-stream");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await foreach (ReadOnlyMemory<byte> piece in _update.PiecesAsync(cancellationToken))
        {
            await stream.WriteAsync(piece, cancellationToken);
            _stall.Moved();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _update.Length;
        return true;
    }
}
