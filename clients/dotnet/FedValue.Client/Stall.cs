namespace FedValue.Client;

/// <summary>Cancels what makes no progress for a while.</summary>
sealed class Stall : IDisposable
{
    readonly CancellationTokenSource _limit, _linked;
    readonly TimeSpan _after;

    public Stall(ClientOptions options, CancellationToken cancellation)
    {
        _after = options.StallLimit;
        _limit = new CancellationTokenSource(_after, options.Clock);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _limit.Token);
    }

    public CancellationToken Token => _linked.Token;

    /// <summary>Something moved: the time begins anew.</summary>
    public void Moved() => _limit.CancelAfter(_after);

    public void Dispose()
    {
        _linked.Dispose();
        _limit.Dispose();
    }
}

/// <summary>A response's body that says when something arrives.</summary>
sealed class WatchedStream(Stream inner, Stall stall) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, stall.Token);
        stall.Moved();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
