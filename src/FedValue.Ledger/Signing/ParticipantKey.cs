using System.Security.Cryptography;

namespace FedValue.Ledger.Signing;

/// <summary>
/// A participant's public key: ECDSA on P-256 with SHA-256, signatures in IEEE P1363 form (64 bytes). On the ledger it is the base64 of its DER
/// SubjectPublicKeyInfo with the uncompressed point, which is one spelling per key.
/// </summary>
public sealed class ParticipantKey : IDisposable
{
    /// <summary>The bytes of a signature: r and s, 32 each.</summary>
    public const int SignatureLength = 64;

    // What precedes the point of every uncompressed P-256 key in DER; the point is 65 bytes.
    const int LengthMax = 91;
    const string CurveOid = "1.2.840.10045.3.1.7";

    readonly ECDsa _key;

    ParticipantKey(ECDsa key) => _key = key;

    /// <summary>Reads a key as it stands on the ledger.</summary>
    /// <exception cref="FormatException">The text is no such key, or spells one in another way.</exception>
    public static ParticipantKey Parse(string text)
    {
        var key = ECDsa.Create();
        try
        {
            byte[] info = Convert.FromBase64String(text);
            key.ImportSubjectPublicKeyInfo(info, out int read);
            if (read == info.Length && info.Length == LengthMax && key.ExportParameters(false).Curve.Oid.Value == CurveOid
                && Text(key) == text)
                return new ParticipantKey(key);
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException)
        {
        }
        key.Dispose();
        throw new FormatException(
            "A participant's key is the base64 of a DER SubjectPublicKeyInfo of an ECDSA key on P-256 with an uncompressed point "
            + $"({LengthMax} bytes), but something else came; write it with a cryptography library.");
    }

    /// <summary>Why the text is no key of a participant, as a sentence; null when it is one.</summary>
    public static string? Problem(string text)
    {
        try
        {
            Parse(text).Dispose();
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>The text of the public half of a key.</summary>
    public static string Text(ECDsa key) => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    /// <summary>Signs a statement: 64 bytes, never the same twice.</summary>
    public static byte[] Sign(ECDsa privateKey, ReadOnlySpan<byte> statement) =>
        privateKey.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Whether a signature is this key's, over exactly this statement.</summary>
    public bool HasSigned(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureLength
        && _key.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
