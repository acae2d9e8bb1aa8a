using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedValue.Ledger.Signing;

namespace FedValue.Server.Security;

/// <summary>
/// Tokens that let one participant enrol, or replace a key that was revoked. Nothing is stored: a token is its expiry and the HMAC-SHA256, by the
/// server's secret, of ledger, participant, expiry and how often the participant's key was revoked. So one is spent by its use: whoever is
/// enrolled cannot enrol again, and a replaced key is not void until the next revocation, which no older token names.
/// </summary>
sealed class EnrolmentTokens(string secret, TimeProvider clock)
{
    readonly byte[] _key = Encoding.UTF8.GetBytes(secret);

    public string Make(LedgerName ledger, string participant, int revocations, DateTimeOffset expires)
    {
        long seconds = expires.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{Base64Url.EncodeToString(Mac(ledger, participant, revocations, seconds))}");
    }

    /// <summary>Why a token does not let the participant in, as a sentence; null when it does.</summary>
    public string? Problem(string token, LedgerName ledger, string participant, int revocations)
    {
        string[] parts = token.Split('.');
        byte[] mac = new byte[HMACSHA256.HashSizeInBytes];
        bool isToken = parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long _)
            && Base64Url.IsValid(parts[1], out int length) && length == mac.Length && Base64Url.TryDecodeFromChars(parts[1], mac, out _);
        long expires = isToken ? long.Parse(parts[0], CultureInfo.InvariantCulture) : 0;
        if (!isToken || !CryptographicOperations.FixedTimeEquals(mac, Mac(ledger, participant, revocations, expires)))
            return $"The token is not one for '{participant}' now; ask the operator for one.";
        return expires < clock.GetUtcNow().ToUnixTimeSeconds() ? "The token has expired; ask the operator for another one." : null;
    }

    byte[] Mac(LedgerName ledger, string participant, int revocations, long expires) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture,
            $"fedvalue token 1\n{ledger.Federation}\n{ledger.FirstEntry}\n{participant}\n{revocations}\n{expires}\n")));
}
