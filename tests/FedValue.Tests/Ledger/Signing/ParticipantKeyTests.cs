using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Signing;

public sealed class ParticipantKeyTests
{
    const string Wycheproof = "ledger/wycheproof/ecdsa_secp256r1_sha256_test.json";

    /// <summary>n, the order of P-256.</summary>
    static readonly BigInteger Order = BigInteger.Parse(
        "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [Fact]
    public void A_signature_holds_for_its_key_and_its_statement()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var mine = ParticipantKey.Parse(ParticipantKey.Text(key));
        using var theirs = ParticipantKey.Parse(ParticipantKey.Text(other));
        byte[] signature = ParticipantKey.Sign(key, "statement"u8);
        Assert.Equal(ParticipantKey.SignatureLength, signature.Length);
        Assert.True(mine.HasSigned("statement"u8, signature));
        Assert.False(mine.HasSigned("Statement"u8, signature));
        Assert.False(theirs.HasSigned("statement"u8, signature));
        Assert.False(mine.HasSigned("statement"u8, [.. signature, 0]));
        Assert.False(mine.HasSigned("statement"u8, key.SignData("statement"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public void A_key_has_one_spelling()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string text = ParticipantKey.Text(key);
        byte[] info = Convert.FromBase64String(text);
        Assert.Equal(91, info.Length);
        Assert.Null(ParticipantKey.Problem(text));
        byte[] compressed = [0x30, 0x39, .. info.AsSpan(2, 21), 0x03, 0x22, 0x00, (byte)(2 + (info[^1] & 1)), .. info.AsSpan(27, 32)];
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        string[] others =
        [
            "", "nonsense", " " + text, text + "\n", text.TrimEnd('='), text[..40] + "\n" + text[40..], Convert.ToBase64String([.. info, 0]),
            Convert.ToBase64String(compressed), ParticipantKey.Text(larger), Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()),
            Convert.ToBase64String(key.ExportPkcs8PrivateKey()), Convert.ToBase64String([.. info.AsSpan(0, 90), (byte)(info[90] ^ 1)]),
        ];
        Assert.All(others, other => Assert.NotNull(ParticipantKey.Problem(other)));
    }

    [Fact]
    public void A_signature_has_one_spelling_but_two_values_of_s_hold()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ledger = new LedgerName("hospitals", default);
        byte[] signature = ParticipantKey.Sign(key, Statements.Key(ledger, "north", "another"));
        string text = Convert.ToBase64String(signature);
        string? Problem(string spelled) => SignatureRules.Problem(
            new KeyReplaced("north", "another", 0, spelled), ledger, ParticipantKey.Text(key), model: null);
        Assert.Null(Problem(text));
        // (r, n - s) is as good as (r, s): so whoever compares signatures cannot tell whether two updates are the same.
        byte[] mirrored = Mirrored(signature);
        Assert.NotEqual(signature, mirrored);
        Assert.Null(Problem(Convert.ToBase64String(mirrored)));
        Assert.All(
            [" " + text, text + "\n", text.TrimEnd('='), text[..86] + "==" + "AAAA", OtherLastDigit(text), Convert.ToBase64String([.. signature, 0])],
            other => Assert.NotNull(Problem(other)));
    }

    [FactWithSharedVectors(Wycheproof)]
    public void Public_signatures_are_judged_as_published()
    {
        (int held, int failed) = (0, 0);
        foreach (JsonElement group in SharedVectors.Read(Wycheproof).GetProperty("testGroups").EnumerateArray())
        {
            using var key = ParticipantKey.Parse(Convert.ToBase64String(Convert.FromHexString(group.GetProperty("publicKeyDer").GetString()!)));
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                // The vectors are in DER: what it spells in another way, or what has no place in 64 bytes, says nothing about ours.
                if (FixedField(Convert.FromHexString(test.GetProperty("sig").GetString()!)) is not { } signature)
                {
                    Assert.Equal("invalid", test.GetProperty("result").GetString());
                    continue;
                }
                bool holds = key.HasSigned(Convert.FromHexString(test.GetProperty("msg").GetString()!), signature);
                Assert.True(holds == (test.GetProperty("result").GetString() == "valid"), $"tcId {test.GetProperty("tcId").GetInt32()}");
                (held, failed) = holds ? (held + 1, failed) : (held, failed + 1);
            }
        }
        Assert.True(held > 150 && failed > 50, $"{held} and {failed}");
    }

    static byte[]? FixedField(byte[] der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader pair = reader.ReadSequence();
            (BigInteger r, BigInteger s) = (pair.ReadInteger(), pair.ReadInteger());
            pair.ThrowIfNotEmpty();
            reader.ThrowIfNotEmpty();
            return r.Sign < 0 || s.Sign < 0 || r.GetByteCount(isUnsigned: true) > 32 || s.GetByteCount(isUnsigned: true) > 32 ? null
                : [.. Bytes(r), .. Bytes(s)];
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    static byte[] Mirrored(byte[] signature) =>
        [.. signature.AsSpan(0, 32), .. Bytes(Order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true))];

    static byte[] Bytes(BigInteger number)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    /// <summary>The same 64 bytes with other bits where base64 has bits to spare.</summary>
    static string OtherLastDigit(string text) => text[..85] + (char)(text[85] + 1) + "==";
}
