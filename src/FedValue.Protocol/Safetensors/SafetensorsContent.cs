using FedValue.Ledger.Storage;

namespace FedValue.Protocol.Safetensors;

/// <summary>A safetensors file that is written piece by piece: the bytes of <see cref="SafetensorsWriter.Write"/>, of any length.</summary>
public sealed class SafetensorsContent : IBlobContent
{
    const int PieceMax = 1 << 17; // a multiple of every type's width
    readonly byte[] _start;
    readonly IReadOnlyList<TensorSource> _tensors;
    readonly int _piece;

    /// <summary>The file of these tensors in their order; nothing is read of them yet but their headers.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Written into the header, in ordinal order of its keys.</param>
    /// <param name="piece">How many bytes are asked for at once at most, a multiple of 8; changes no byte.</param>
    /// <exception cref="ArgumentException">A name comes twice, metadata has no UTF-8 bytes, or a limit is exceeded.</exception>
    public SafetensorsContent(
        IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null, int piece = PieceMax)
    {
        if (piece < sizeof(double) || piece % sizeof(double) != 0)
        {
            throw new ArgumentException(
                $"A piece is a multiple of {sizeof(double)} bytes, so that no number is cut, but {piece} came.", nameof(piece));
        }
        _start = SafetensorsWriter.Start([.. tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape, tensor.Length))], metadata);
        (_tensors, _piece) = (tensors, piece);
        Length = _start.Length + tensors.Sum(tensor => tensor.Length);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public Stream OpenRead() => OpenRead(closing: null);

    /// <summary>The file, with which something else is closed.</summary>
    internal Stream OpenRead(IDisposable? closing) => new Reading(this, closing);

    sealed class Reading(SafetensorsContent content, IDisposable? closing) : Stream
    {
        byte[] _bytes = content._start;
        int _at, _filled = content._start.Length;
        int _tensor;
        long _place; // in that tensor
        long _given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position
        {
            get => _given;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (_at == _filled && !Fill())
                return 0;
            int taken = Math.Min(buffer.Length, _filled - _at);
            _bytes.AsSpan(_at, taken).CopyTo(buffer);
            _at += taken;
            _given += taken;
            return taken;
        }

        bool Fill()
        {
            while (_tensor < content._tensors.Count && _place == content._tensors[_tensor].Length)
                (_tensor, _place) = (_tensor + 1, 0);
            if (_tensor == content._tensors.Count)
                return false;
            TensorSource tensor = content._tensors[_tensor];
            if (_bytes == content._start)
                _bytes = new byte[Math.Min(content._piece, content.Length - content._start.Length)];
            (_at, _filled) = (0, (int)Math.Min(_bytes.Length, tensor.Length - _place));
            tensor.Read(_place, _bytes.AsSpan(0, _filled));
            _place += _filled;
            return true;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            cancellationToken.IsCancellationRequested
                ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        protected override void Dispose(bool disposing)
        {
            closing?.Dispose();
            base.Dispose(disposing);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
