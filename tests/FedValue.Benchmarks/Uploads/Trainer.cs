using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using FedValue.Ledger;
using FedValue.Ledger.Signing;

namespace FedValue.Benchmarks.Uploads;

/// <summary>A participant that signs as any client does, on a bare HttpClient so that little of what is measured is the client's.</summary>
sealed class Trainer(HttpClient http, LedgerName ledger, string id) : IDisposable
{
    const int Examples = 100;
    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>Enrols with a token.</summary>
    public async Task EnrolAsync(string token)
    {
        string key = ParticipantKey.Text(_key);
        using HttpContent body = Operator.Json(
            $$"""{"participant":"{{id}}","token":"{{token}}","publicKey":"{{key}}","declaredExamples":{{Examples}}}""");
        using HttpResponseMessage response = await http.PostAsync($"/federations/{ledger.Federation}/participants", body);
        await Operator.ReadAsync(response);
    }

    /// <summary>Uploads an update of round 1 and waits for its receipt.</summary>
    public Task UploadAsync(Digest model, UpdateBody update) => UploadAsync(model, update.Digest, update.Content());

    /// <summary>Uploads an update of a round and waits for its receipt.</summary>
    public async Task UploadAsync(Digest model, Digest update, HttpContent body, int round = 1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/federations/{ledger.Federation}/rounds/{round}/updates/{id}");
        request.Content = body;
        request.Headers.Add("FedValue-Update", update.ToString());
        request.Headers.Add("FedValue-Examples", Examples.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("FedValue-Signature", Sign(Statements.Update(ledger, round, model, id, update, Examples, null)));
        using HttpResponseMessage response = await http.SendAsync(request);
        await Operator.ReadAsync(response);
    }

    /// <summary>Asks for the announcement of the round: a small request.</summary>
    public async Task AskAsync()
    {
        string path = $"/federations/{ledger.Federation}/rounds/current";
        long at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "FedValue", string.Create(CultureInfo.InvariantCulture, $"{id}:{at}:{Sign(Statements.Request(ledger, id, "GET", path, at))}"));
        using HttpResponseMessage response = await http.SendAsync(request);
        await Operator.ReadAsync(response);
    }

    public void Dispose() => _key.Dispose();

    string Sign(byte[] statement) => Convert.ToBase64String(ParticipantKey.Sign(_key, statement));
}
