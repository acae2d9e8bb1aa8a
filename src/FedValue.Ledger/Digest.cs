using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedValue.Ledger;

/// <summary>A SHA-256 digest: 32 bytes, written as 64 lower-case hex digits. Names blobs, leaves and tree roots.</summary>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int Length = 32;

    readonly byte[]? _bytes;

    /// <summary>Wraps 32 bytes that already are a digest.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"A SHA-256 digest has {Length} bytes, but {bytes.Length} came.", nameof(bytes));
        _bytes = bytes.ToArray();
    }

    /// <summary>The 32 bytes; all zero for <c>default</c>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? Zero;

    static readonly byte[] Zero = new byte[Length];

    /// <summary>The SHA-256 digest of the content.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => new(SHA256.HashData(content));

    /// <summary>Reads 64 lower-case hex digits; anything else is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out Digest digest)
    {
        digest = default;
        if (hex is not { Length: 2 * Length } || hex.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return false;
        digest = new Digest(Convert.FromHexString(hex));
        return true;
    }

    /// <summary>Reads 64 lower-case hex digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Digest Parse(string hex) =>
        TryParse(hex, out Digest digest)
            ? digest
            : throw new FormatException($"Expected a SHA-256 digest as {2 * Length} lower-case hex digits, but '{hex}' came.");

    /// <inheritdoc/>
    public bool Equals(Digest other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(Bytes);

    /// <inheritdoc/>
    public int CompareTo(Digest other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>The 64 lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);
}

sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out Digest digest)
            ? digest
            : throw new JsonException($"expected a SHA-256 digest as {2 * Digest.Length} lower-case hex digits");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
