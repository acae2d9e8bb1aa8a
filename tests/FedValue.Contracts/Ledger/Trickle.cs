namespace FedValue.Contracts.Ledger;

/// <summary>A stream as a network gives it: in pieces of odd lengths, and perhaps never to its end.</summary>
/// <param name="content">What it holds.</param>
/// <param name="breaksAt">After so many bytes it fails, or cancels.</param>
/// <param name="cancels">Cancelled there instead of failing.</param>
sealed class Trickle(byte[] content, int? breaksAt = null, CancellationTokenSource? cancels = null) : Stream
{
    const int Piece = 7_919;
    int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int end = breaksAt ?? content.Length;
        if (_position == breaksAt)
        {
            if (cancels is null)
                throw new IOException("The connection broke off.");
            cancels.Cancel();
            throw new OperationCanceledException(cancels.Token);
        }
        int count = Math.Min(Math.Min(Piece, buffer.Length), end - _position);
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
