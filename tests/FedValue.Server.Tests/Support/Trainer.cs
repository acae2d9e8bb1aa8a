using System.Globalization;
using System.Security.Cryptography;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Models;

namespace FedValue.Server.Tests.Support;

/// <summary>A participant as any client would be: a key, signatures, updates.</summary>
sealed class Trainer(Lab lab, LedgerName ledger, string id)
{
    public const int Examples = 100;

    public string Id => id;

    public LedgerName Ledger => ledger;

    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string PublicKey => ParticipantKey.Text(Key);

    public Task<Answer> EnrolAsync(string token, string? publicKey = null, string examples = "100") => lab.SendAsync(
        HttpMethod.Post, $"/federations/{ledger.Federation}/participants",
        Lab.Json($$"""{"participant":"{{id}}","token":"{{token}}","publicKey":"{{publicKey ?? PublicKey}}","declaredExamples":{{examples}}}"""));

    public Task<Answer> GetAsync(string rest, string? ifNoneMatch = null, string? range = null)
    {
        string path = $"/federations/{ledger.Federation}/{rest}";
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization("GET", path));
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        return SendAsync(request);
    }

    public string Authorization(string method, string path, long? time = null)
    {
        long at = time ?? TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string signature = Convert.ToBase64String(ParticipantKey.Sign(Key, Statements.Request(ledger, id, method, path, at)));
        return string.Create(CultureInfo.InvariantCulture, $"FedValue {id}:{at}:{signature}");
    }

    /// <summary>An update that differs with the number; the model's weights plus a little.</summary>
    public static byte[] Update(float number) =>
        ModelFile.Write(Lab.Network.Manifest, [.. Enumerable.Range(0, Lab.Network.WeightCount).Select(i => number * 0.1f + i * 0.01f)]);

    /// <summary>The round that is open and its model.</summary>
    public async Task<(int Round, Digest Model)> RoundAsync()
    {
        Answer current = (await GetAsync("rounds/current")).Is(200);
        return ((int)current.Json!["round"]!, Digest.Parse((string)current.Json["model"]!));
    }

    public async Task<Answer> SubmitAsync(byte[] update)
    {
        (int round, Digest model) = await RoundAsync();
        return await SubmitAsync(round, model, update);
    }

    public Task<Answer> SubmitAsync(int round, Digest model, byte[] update, Action<HttpRequestMessage>? spoil = null) =>
        SendAsync(Request(round, model, update, spoil));

    /// <summary>The request of an upload, signed for what it holds unless it is spoiled afterwards.</summary>
    public HttpRequestMessage Request(int round, Digest model, byte[] update, Action<HttpRequestMessage>? spoil = null, string examples = "100")
    {
        var digest = Digest.Of(update);
        var request = new HttpRequestMessage(HttpMethod.Put, $"/federations/{ledger.Federation}/rounds/{round}/updates/{id}")
        {
            Content = new ByteArrayContent(update),
        };
        long count = long.TryParse(examples, CultureInfo.InvariantCulture, out long parsed) ? parsed : 0;
        byte[] statement = Statements.Update(ledger, round, model, id, digest, count, null);
        request.Headers.Add("FedValue-Update", digest.ToString());
        request.Headers.Add("FedValue-Examples", examples);
        request.Headers.Add("FedValue-Signature", Convert.ToBase64String(ParticipantKey.Sign(Key, statement)));
        spoil?.Invoke(request);
        return request;
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        using (HttpResponseMessage response = await lab.Http.SendAsync(request))
            return await Answer.OfAsync(response);
    }
}
