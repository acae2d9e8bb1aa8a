using System.Net;
using System.Security.Cryptography;
using FedValue.Ledger;

namespace FedValue.Benchmarks.Uploads;

/// <summary>A local model that shares all bytes but the last few with those of the others, so that many fit into the memory.</summary>
sealed class UpdateBody
{
    const int OwnBytes = 4096, PieceLength = 1 << 18;
    readonly ReadOnlyMemory<byte> _shared;
    readonly byte[] _own;

    /// <summary>The update of the participant of a number.</summary>
    /// <param name="model">A safetensors file whose last bytes are fp32 weights.</param>
    /// <param name="number">Makes the last weight another one.</param>
    public UpdateBody(byte[] model, int number)
    {
        _shared = model.AsMemory(0, model.Length - OwnBytes);
        _own = model[^OwnBytes..];
        BitConverter.TryWriteBytes(_own.AsSpan(OwnBytes - sizeof(float)), 0.01f + (number * 1e-5f));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_shared.Span);
        hash.AppendData(_own);
        Digest = new Digest(hash.GetHashAndReset());
    }

    /// <summary>Of all its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>How many bytes it has.</summary>
    public long Length => _shared.Length + _own.Length;

    /// <summary>A body for one request.</summary>
    public HttpContent Content() => new Pieces(this);

    sealed class Pieces(UpdateBody body) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int at = 0; at < body._shared.Length; at += PieceLength)
                await stream.WriteAsync(body._shared.Slice(at, Math.Min(PieceLength, body._shared.Length - at)));
            await stream.WriteAsync(body._own);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
