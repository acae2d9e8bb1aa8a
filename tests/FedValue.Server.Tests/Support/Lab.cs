using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FedValue.Federation.Learning;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Support;

/// <summary>A real server on a free port with a folder of its own, and what an operator does with it.</summary>
sealed class Lab : IAsyncDisposable
{
    public const string OperatorToken = "the operator's token, long enough";

    readonly TemporaryFolder? _own;
    readonly IFederationHosting _hosting;
    readonly HttpClient _http;

    Lab(ServerApplication server, IFederationHosting hosting, string folder, TemporaryFolder? own)
    {
        (Server, _hosting, Folder, _own) = (server, hosting, folder, own);
        _http = new HttpClient { BaseAddress = new Uri(server.Addresses[0]), Timeout = TimeSpan.FromSeconds(20) };
    }

    public ServerApplication Server { get; }

    public string Folder { get; }

    public HttpClient Http => _http;

    /// <summary>The model of all federations here: three features, two classes.</summary>
    public static Network Network { get; } = new(Architecture.Parse("softmax"), 3, 2);

    public static Task<Lab> StartAsync(
        ServerLimits? limits = null, TimeProvider? clock = null, Func<IFederationHosting, IFederationHosting>? spoil = null)
    {
        var own = new TemporaryFolder();
        return StartAsync(own.Path, limits, clock, own, spoil);
    }

    /// <summary>Starts on a folder that another server has left.</summary>
    public static async Task<Lab> StartAsync(
        string folder, ServerLimits? limits = null, TimeProvider? clock = null, TemporaryFolder? own = null,
        Func<IFederationHosting, IFederationHosting>? spoil = null)
    {
        IFederationHosting hosting = await UnderTest.HostingAsync(clock ?? TimeProvider.System);
        ServerApplication server = await ServerApplication.StartAsync(new ServerOptions
        {
            Hosting = spoil?.Invoke(hosting) ?? hosting,
            DataFolder = folder,
            Urls = "http://127.0.0.1:0",
            OperatorToken = OperatorToken,
            Limits = limits ?? new ServerLimits(),
            Clock = clock ?? TimeProvider.System,
        });
        return new Lab(server, hosting, folder, own);
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? authorization = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using HttpResponseMessage response = await _http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    public Task<Answer> GetAsync(string path, string? authorization = null) => SendAsync(HttpMethod.Get, path, null, authorization);

    /// <summary>Asks as the operator; the body is JSON as it stands there.</summary>
    public Task<Answer> OperateAsync(HttpMethod method, string path, string? json = null) =>
        SendAsync(method, path, json is null ? null : Json(json), "Bearer " + OperatorToken);

    public static HttpContent Json(string json) => new StringContent(json, new UTF8Encoding(false), "application/json");

    /// <summary>Sends the parts of a new federation as the operator.</summary>
    public Task<Answer> TryCreateAsync(string settings, byte[]? validation = null, byte[]? model = null, byte[]? labels = null)
    {
        var parts = new MultipartFormDataContent { { Json(settings), "federation" } };
        if (validation is not null)
            parts.Add(new ByteArrayContent(validation), "validation");
        if (model is not null)
            parts.Add(new ByteArrayContent(model), "model");
        if (labels is not null)
            parts.Add(new ByteArrayContent(labels), "validation-labels");
        return SendAsync(HttpMethod.Post, "/federations", parts, "Bearer " + OperatorToken);
    }

    /// <summary>Makes a federation with a native model and trainers who are enrolled.</summary>
    public async Task<IReadOnlyList<Trainer>> FederateAsync(string name, int trainers, string more = "")
    {
        (await TryCreateAsync($$"""{"name":"{{name}}","model":"softmax","methods":["exact"]{{more}}}""", Validation())).Is(201);
        return await EnrolAsync(name, [.. Enumerable.Range(1, trainers).Select(k => string.Create(CultureInfo.InvariantCulture, $"t{k}"))]);
    }

    public async Task<IReadOnlyList<Trainer>> EnrolAsync(string federation, params string[] ids)
    {
        LedgerName ledger = await LedgerOfAsync(federation);
        var enrolled = new List<Trainer>();
        foreach (string id in ids)
        {
            var trainer = new Trainer(this, ledger, id);
            (await trainer.EnrolAsync(await TokenAsync(federation, id))).Is(201);
            enrolled.Add(trainer);
        }
        return enrolled;
    }

    public async Task<LedgerName> LedgerOfAsync(string federation) =>
        new(federation, Digest.Parse((string)(await GetAsync($"/federations/{federation}")).Is(200).Json!["ledger"]!));

    public async Task<string> TokenAsync(string federation, string participant) => (string)(await OperateAsync(
        HttpMethod.Post, $"/federations/{federation}/tokens", $$"""{"participant":"{{participant}}"}""")).Is(200).Json!["token"]!;

    public async Task<Answer> OpenRoundAsync(string federation) =>
        (await OperateAsync(HttpMethod.Post, $"/federations/{federation}/rounds")).Is(201);

    /// <summary>Waits until the announcement is as wanted.</summary>
    public async Task<JsonNode> WaitAsync(string federation, Func<JsonNode, bool> wanted)
    {
        for (int attempt = 0; attempt < 400; attempt++)
        {
            JsonNode round = (await OperateAsync(HttpMethod.Get, $"/federations/{federation}/rounds/current")).Is(200).Json!;
            if (wanted(round))
                return round;
            await Task.Delay(25);
        }
        throw new TimeoutException($"The round of '{federation}' never was as wanted: "
            + (await OperateAsync(HttpMethod.Get, $"/federations/{federation}/rounds/current")).Text);
    }

    /// <summary>All entries as their exact texts.</summary>
    public async Task<string[]> EntriesAsync(string federation) =>
        [.. (await OperateAsync(HttpMethod.Get, $"/federations/{federation}/entries?count=1000")).Is(200).Json!["entries"]!.AsArray()
            .Select(entry => (string)entry!["entry"]!)];

    /// <summary>40 rows: the first feature says the class.</summary>
    public static byte[] Validation()
    {
        var csv = new StringBuilder("a,b,c,class\n");
        for (int row = 0; row < 40; row++)
            csv.Append(CultureInfo.InvariantCulture, $"{(row % 2 == 0 ? 1 : -1)},{row % 5 * 0.1},{row % 7 * -0.1},{row % 2}\n");
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        if (_hosting is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        _own?.Dispose();
    }
}
