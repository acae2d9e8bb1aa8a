using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FedValue.Ledger;
using FedValue.Ledger.Signing;

namespace FedValue.Benchmarks.Uploads;

/// <summary>What an operator asks of a server: a federation without validation rows, participants, a round, its close.</summary>
sealed class Operator(HttpClient http, string federation)
{
    /// <summary>Creates the federation around a model and gives the name that signatures use.</summary>
    public Task<LedgerName> CreateAsync(byte[] model) => CreateAsync(new ByteArrayContent(model));

    /// <summary>Creates the federation around a model of any length and gives the name that signatures use.</summary>
    public async Task<LedgerName> CreateAsync(HttpContent model, string buffers = "[]", string aggregator = "fedavg", string more = "")
    {
        const string method = "gradient-shapley-agreement";
        HttpContent settings = Json(
            $$"""{"name":"{{federation}}","aggregator":"{{aggregator}}","methods":["{{method}}"],"buffers":{{buffers}}{{more}}}""");
        using var parts = new MultipartFormDataContent { { settings, "federation" }, { model, "model" } };
        await AskAsync(HttpMethod.Post, "/federations", parts);
        JsonNode said = await AskAsync(HttpMethod.Get, $"/federations/{federation}");
        return new LedgerName(federation, Digest.Parse((string)said["ledger"]!));
    }

    /// <summary>Downloads a model as a stream and gives its digest and length.</summary>
    public async Task<(Digest Digest, long Length)> DownloadAsync(Digest model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/federations/{federation}/models/{model}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.OperatorToken);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using Stream body = await response.Content.ReadAsStreamAsync();
        return (new Digest(await SHA256.HashDataAsync(body)), response.Content.Headers.ContentLength!.Value);
    }

    /// <summary>What everybody may know of the federation.</summary>
    public Task<JsonNode> AboutAsync() => AskAsync(HttpMethod.Get, $"/federations/{federation}");

    /// <summary>A token with which a participant can enrol.</summary>
    public async Task<string> TokenAsync(string participant) => (string)(await AskAsync(
        HttpMethod.Post, $"/federations/{federation}/tokens", Json($$"""{"participant":"{{participant}}"}""")))["token"]!;

    /// <summary>Opens a round for everybody and gives its model.</summary>
    public async Task<Digest> OpenRoundAsync() =>
        Digest.Parse((string)(await AskAsync(HttpMethod.Post, $"/federations/{federation}/rounds"))["model"]!);

    /// <summary>Closes a round and waits until it is paid.</summary>
    public async Task CloseRoundAsync(int round = 1)
    {
        await AskAsync(HttpMethod.Post, $"/federations/{federation}/rounds/{round}/close");
        while (true)
        {
            JsonNode now = await AskAsync(HttpMethod.Get, $"/federations/{federation}/rounds/current");
            if ((string?)now["problem"] is { } problem)
                throw new InvalidOperationException(problem);
            if ((int)now["roundsPaid"]! == round)
                return;
            await Task.Delay(20);
        }
    }

    async Task<JsonNode> AskAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.OperatorToken);
        using HttpResponseMessage response = await http.SendAsync(request);
        return await ReadAsync(response);
    }

    /// <summary>The answer's JSON.</summary>
    /// <exception cref="InvalidOperationException">The server refused.</exception>
    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => response.IsSuccessStatusCode
        ? (await response.Content.ReadFromJsonAsync<JsonNode>())!
        : throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");

    /// <summary>A JSON body.</summary>
    public static HttpContent Json(string text) => new StringContent(text, new UTF8Encoding(false), "application/json");
}
