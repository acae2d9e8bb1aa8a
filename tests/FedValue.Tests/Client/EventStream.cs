using System.Text;
using System.Text.Json;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Client;

/// <summary>A body of Server-Sent Events: the ledger's entries as they come, until it breaks in the middle of one.</summary>
sealed class EventStream(FakeServer server, long first, int events) : Stream
{
    readonly Queue<byte> _ready = new(": hello\n\n"u8.ToArray());
    long _next = first;
    int _left = events;

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
        while (_ready.Count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_next >= await server.AnnouncedAsync())
            {
                await Task.Delay(2, cancellationToken);
                continue;
            }
            if (_left-- == 0)
                throw new IOException("the connection was cut");
            IReadOnlyList<LedgerEntry> entries = await server.EntriesAsync();
            string text = Encoding.UTF8.GetString(entries[(int)_next].Bytes.Span);
            string type = JsonDocument.Parse(text).RootElement.GetProperty("type").GetString()!;
            foreach (byte b in Encoding.UTF8.GetBytes($"id: {_next++}\nevent: {type}\ndata: {text}\n\n"))
                _ready.Enqueue(b);
        }
        int count = Math.Min(buffer.Length, _ready.Count);
        for (int i = 0; i < count; i++)
            buffer.Span[i] = _ready.Dequeue();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
