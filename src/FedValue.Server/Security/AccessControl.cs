using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FedValue.Server.Security;

/// <summary>Who asked.</summary>
/// <param name="Participant">The participant that signed; null: the operator.</param>
/// <param name="Key">The key that it signed with; null: the operator.</param>
readonly record struct Reader(string? Participant, string? Key)
{
    public bool IsOperator => Participant is null;

    /// <summary>Whom limits count.</summary>
    public string Name => Participant ?? "operator";
}

/// <summary>
/// Decides who asks: the operator by its token, a participant by its signature over the request. Failures are counted by the address they come
/// from, which many may share, so they never keep out who shows what is right.
/// </summary>
sealed class AccessControl(string operatorToken, TimeProvider clock, FailureLimiter failures)
{
    const long ClockSkewSeconds = 300;
    const string OperatorScheme = "Bearer ", ParticipantScheme = "FedValue ";
    const string WrongToken = "The token that came is not the operator's; the server says where that lies when it starts.";

    readonly byte[] _operator = SHA256.HashData(Encoding.UTF8.GetBytes(operatorToken));

    /// <exception cref="ApiException">401: nobody or somebody unknown asks; 403: a participant does; 429: too many failures.</exception>
    public void RequireOperator(HttpContext http)
    {
        string authorization = http.Request.Headers.Authorization.ToString();
        if (authorization.StartsWith(ParticipantScheme, StringComparison.Ordinal))
            throw Problems.NotAllowed("This is for the operator; participants read, and submit updates of their own.");
        if (!IsOperator(authorization))
            throw Failed(http, IsToken(authorization) ? WrongToken : "This is for the operator: send its token as 'Authorization: Bearer TOKEN'.");
    }

    /// <exception cref="ApiException">401: nobody or somebody unknown asks; 403: the key was revoked; 429: too many failures.</exception>
    public async Task<Reader> RequireReaderAsync(HttpContext http, HostedFederation federation)
    {
        string authorization = http.Request.Headers.Authorization.ToString();
        if (IsOperator(authorization))
            return new Reader(null, null);
        string[] parts = authorization.StartsWith(ParticipantScheme, StringComparison.Ordinal)
            ? authorization[ParticipantScheme.Length..].Split(':') : [];
        if (parts.Length != 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long time))
        {
            throw Failed(http, (IsToken(authorization) ? WrongToken + " Participants" : "This is for participants and the operator: participants")
                + " send 'Authorization: FedValue PARTICIPANT:TIME:SIGNATURE', the operator 'Authorization: Bearer TOKEN'.");
        }
        if (Int128.Abs((Int128)time - clock.GetUtcNow().ToUnixTimeSeconds()) > ClockSkewSeconds)
        {
            throw Failed(http, $"The request was signed at {time}, but only {ClockSkewSeconds} seconds from the server's clock are taken; take the "
                + "difference from the header Date.", "clock");
        }
        return await VerifyAsync(http, federation, parts[0], time, parts[2]);
    }

    async Task<Reader> VerifyAsync(HttpContext http, HostedFederation federation, string participant, long time, string signature)
    {
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        if (!state.Keys.TryGetValue(participant, out string? key))
            throw Failed(http, $"There is no participant '{Problems.Shown(participant)}' with a key; enrol it first.");
        if (key is null)
            throw Problems.NotAllowed($"The key of '{participant}' was revoked; ask the operator to let it enrol another one.", "revoked");
        string path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        byte[] statement = Statements.Request(state.Name, participant, http.Request.Method, path, time);
        using var signer = ParticipantKey.Parse(key);
        var bytes = new byte[ParticipantKey.SignatureLength];
        return Convert.TryFromBase64String(signature, bytes, out int length) && length == bytes.Length && signer.HasSigned(statement, bytes)
            ? new Reader(participant, key)
            : throw Failed(http,
                $"The signature is not that of the key of '{participant}' over {http.Request.Method} {Problems.Shown(path)} at {time}.", "forged");
    }

    /// <summary>A failure that counts against the address it came from.</summary>
    /// <exception cref="ApiException">429: it is one too many.</exception>
    public ApiException Failed(HttpContext http, string detail, string code = "unauthorized")
    {
        failures.CountOrRefuse(http.Connection.RemoteIpAddress?.ToString() ?? "");
        return Problems.NotShownWho(detail, code);
    }

    static bool IsToken(string authorization) => authorization.StartsWith(OperatorScheme, StringComparison.Ordinal);

    bool IsOperator(string authorization) => IsToken(authorization)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[OperatorScheme.Length..].Trim())), _operator);
}
