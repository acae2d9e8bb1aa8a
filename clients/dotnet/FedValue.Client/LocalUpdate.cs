using System.Security.Cryptography;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Client;

/// <summary>
/// A participant's whole local model with what it claims about it: names, types and shapes of the federation's manifest, as tensors, a file in
/// memory, or a stream or a content that may be larger than memory.
/// </summary>
public sealed class LocalUpdate
{
    const int PieceLength = 1 << 16;

    readonly IReadOnlyList<ReadOnlyMemory<byte>> _pieces;
    readonly Stream? _stream;
    readonly IBlobContent? _content;
    readonly long _start;
    Digest? _digest;

    LocalUpdate(IBlobContent content, long examples, double? loss)
        : this([], null, examples, loss) => (_content, Length) = (content, content.Length);

    LocalUpdate(IReadOnlyList<ReadOnlyMemory<byte>> pieces, Stream? stream, long examples, double? loss)
    {
        (_pieces, _stream, Examples, Loss) = (pieces, stream, examples, loss);
        _start = stream?.Position ?? 0;
        Length = stream is null ? pieces.Sum(piece => (long)piece.Length) : stream.Length - _start;
    }

    /// <summary>How many examples it was trained on: 1 to what the participant declared.</summary>
    public long Examples { get; }

    /// <summary>Its training loss in nats; null: not said.</summary>
    public double? Loss { get; }

    /// <summary>The length of its file in bytes.</summary>
    public long Length { get; }

    /// <summary>A local model as tensors, written in the given order; their bytes are shared until it is submitted.</summary>
    /// <exception cref="ArgumentException">A name comes twice, or there are too many tensors.</exception>
    public static LocalUpdate OfTensors(IEnumerable<Tensor> tensors, long examples, double? loss = null)
    {
        Tensor[] inOrder = [.. tensors];
        return new LocalUpdate([SafetensorsWriter.Start(inOrder), .. inOrder.Select(tensor => tensor.Bytes)], null, examples, loss);
    }

    /// <summary>A local model as its safetensors file.</summary>
    public static LocalUpdate OfFile(ReadOnlyMemory<byte> file, long examples, double? loss = null) => new([file], null, examples, loss);

    /// <summary>
    /// A local model as a stream of its safetensors file, from its position to its end: read once for its digest and once for every attempt to
    /// send it, a piece at a time, and not disposed.
    /// </summary>
    /// <exception cref="ArgumentException">The stream cannot be read and sought.</exception>
    public static LocalUpdate OfStream(Stream file, long examples, double? loss = null) =>
        file is { CanRead: true, CanSeek: true }
            ? new LocalUpdate([], file, examples, loss)
            : throw new ArgumentException(
                "An update is read more than once, first for its digest, so its stream must be one that can be sought; write it to a file first.",
                nameof(file));

    /// <summary>
    /// A local model as a content that is made piece by piece, once for its digest and once for every attempt to send it: of any length, the same
    /// bytes each time. <see cref="ModelFile.Content"/> and <see cref="SafetensorsContent"/> are such.
    /// </summary>
    public static LocalUpdate OfContent(IBlobContent content, long examples, double? loss = null) => new(content, examples, loss);

    /// <summary>The digest of its file; a stream is read for it.</summary>
    public async Task<Digest> DigestAsync(CancellationToken cancellation = default)
    {
        if (_digest is { } known)
            return known;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (ReadOnlyMemory<byte> piece in PiecesAsync(cancellation))
            hash.AppendData(piece.Span);
        Digest digest = new(hash.GetHashAndReset());
        _digest = digest;
        return digest;
    }

    /// <summary>Refuses what the server would refuse for its claims or its header, before anything is signed and sent.</summary>
    /// <exception cref="ArgumentException">What is wrong.</exception>
    internal async Task CheckAsync(ModelManifest manifest, CancellationToken cancellation)
    {
        if (Examples < 1)
            throw new ArgumentException($"An update claims 1 example or more, up to those declared at enrolment, but this one claims {Examples}.");
        if (Loss is { } loss && !(double.IsFinite(loss) && loss >= 0))
            throw new ArgumentException($"A training loss is finite and 0 or more, in nats, or is left out, but {loss} came.");
        using var start = new MemoryStream();
        await foreach (ReadOnlyMemory<byte> piece in PiecesAsync(cancellation))
        {
            start.Write(piece.Span);
            if (start.Length >= 8 + SafetensorsHeader.LengthMax)
                break;
        }
        try
        {
            ModelFile.Check(manifest, SafetensorsHeader.Parse(start.GetBuffer().AsSpan(0, (int)start.Length), Length));
        }
        catch (Exception wrong) when (wrong is SafetensorsException or ModelMismatchException)
        {
            throw new ArgumentException($"This is not a local model of the federation. {wrong.Message}", wrong);
        }
    }

    /// <summary>Its file, piece by piece; a piece is good until the next one is asked for.</summary>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (ReadOnlyMemory<byte> piece in _pieces)
        {
            for (int at = 0; at < piece.Length; at += PieceLength)
                yield return piece.Slice(at, Math.Min(PieceLength, piece.Length - at));
        }
        using Stream? made = _content?.OpenRead();
        if ((made ?? _stream) is not { } stream)
            yield break;
        if (made is null)
            stream.Position = _start;
        var buffer = new byte[PieceLength];
        for (long left = Length; left > 0;)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation);
            if (read == 0)
                throw new InvalidOperationException($"The stream of an update became shorter by {left} bytes while it was read; leave it alone.");
            left -= read;
            yield return buffer.AsMemory(0, read);
        }
    }
}
