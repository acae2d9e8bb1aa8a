namespace FedValue.Federation.Rounds;

/// <summary>The body of an update on its way into the store: whoever reads it lets the inspection see every byte, once and in order.</summary>
/// <param name="body">The body; stays open.</param>
/// <param name="length">How many bytes were announced.</param>
/// <param name="inspection">Looks at them.</param>
sealed class InspectedBody(Stream body, long length, UpdateInspection inspection) : Stream
{
    long _received;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _received;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await body.ReadAsync(buffer, cancellationToken);
        return Inspect(buffer.Span, read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) => Inspect(buffer, body.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    int Inspect(Span<byte> buffer, int read)
    {
        _received += read;
        if (_received > length || (read == 0 && !buffer.IsEmpty && _received < length))
            throw new UpdateLengthException(length, _received);
        inspection.Append(buffer[..read]);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
