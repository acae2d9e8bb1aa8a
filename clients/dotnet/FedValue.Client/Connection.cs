using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>Speaks HTTP for one participant of one federation: signs, repeats what failed for now, turns problems into exceptions.</summary>
sealed class Connection : IDisposable
{
    const int ProblemBytesMax = 1 << 16;

    /// <summary>The server takes times within 300 s of its own; a clock that is this far off is corrected.</summary>
    static readonly TimeSpan SkewMin = TimeSpan.FromSeconds(60);

    readonly HttpClient _http;
    readonly Lock _signing = new();
    readonly ClientOptions _options;
    ECDsa _key;
    TimeSpan _skew;

    public Connection(Uri server, string participant, ECDsa key, ClientOptions options)
    {
        (_key, _options, Participant) = (key, options, participant);
        Retries = new Retries(options, participant);
        HttpMessageHandler handler = options.Handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a signature is for this server
            ConnectTimeout = TimeSpan.FromSeconds(15),
            Expect100ContinueTimeout = TimeSpan.FromSeconds(10), // a server that is busy answers late, and nothing is lost by waiting
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(handler, disposeHandler: options.Handler is null)
        {
            BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Participant { get; }

    public Retries Retries { get; }

    /// <summary>A request for a path below the server's address.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(_http.BaseAddress!, path));

    public string Sign(byte[] statement)
    {
        lock (_signing)
            return Convert.ToBase64String(ParticipantKey.Sign(_key, statement));
    }

    public string PublicKey()
    {
        lock (_signing)
            return ParticipantKey.Text(_key);
    }

    /// <summary>Signs with another key from now on.</summary>
    public void Use(ECDsa key)
    {
        lock (_signing)
            _key = key;
    }

    /// <summary>Sends JSON and reads what comes, as often as it takes; not signed.</summary>
    public Task<T> SendAsync<T, TBody>(HttpMethod method, string path, TBody message, CancellationToken cancellation)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, ContractJson.Requests);
        return SendAsync((_, _) =>
        {
            HttpRequestMessage request = Request(method, path);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/json");
            return request;
        }, ledger: null, ReadAsync<T>, cancellation);
    }

    /// <summary>Asks for JSON, as often as it takes.</summary>
    /// <param name="path">Below the server's address, with its query.</param>
    /// <param name="ledger">What the request is signed for; null: it is not signed.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<T> GetAsync<T>(string path, LedgerName? ledger, CancellationToken cancellation) =>
        SendAsync((_, _) => Request(HttpMethod.Get, path), ledger, ReadAsync<T>, cancellation);

    /// <summary>Sends a request as often as it takes and reads what comes.</summary>
    /// <param name="make">Makes the request of an attempt, from 0.</param>
    /// <param name="ledger">What it is signed for; null: it is not signed.</param>
    /// <param name="read">Reads a response of success.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<T> SendAsync<T>(
        Func<int, Stall, HttpRequestMessage> make, LedgerName? ledger, Func<HttpResponseMessage, Stall, Task<T>> read,
        CancellationToken cancellation)
    {
        int attempt = 0;
        return Retries.RunAsync(token => OnceAsync(stall => make(attempt++, stall), ledger, read, token), cancellation);
    }

    /// <summary>Sends a request once.</summary>
    /// <exception cref="TransientException">Another attempt may succeed.</exception>
    /// <exception cref="FederationException">The server refused.</exception>
    public async Task<T> OnceAsync<T>(
        Func<Stall, HttpRequestMessage> make, LedgerName? ledger, Func<HttpResponseMessage, Stall, Task<T>> read, CancellationToken cancellation)
    {
        using var stall = new Stall(_options, cancellation);
        try
        {
            using HttpRequestMessage request = make(stall);
            if (ledger is not null)
                Authorize(request, ledger);
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            stall.Moved();
            if (response.IsSuccessStatusCode)
                return await read(response, stall);
            throw await FailureAsync(response, ledger is not null, stall);
        }
        catch (HttpRequestException failure) when (failure.InnerException is AuthenticationException refused)
        {
            throw new FederationException($"No trusted connection to {_http.BaseAddress} could be made: {refused.Message}", inner: failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new TransientException($"The connection to {_http.BaseAddress} failed: {failure.Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientException($"The server at {_http.BaseAddress} said nothing for {_options.StallLimit.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Reads JSON of a known form.</summary>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, Stall stall)
    {
        try
        {
            using var body = new WatchedStream(await response.Content.ReadAsStreamAsync(stall.Token), stall);
            return await JsonSerializer.DeserializeAsync<T>(body, ContractJson.Options, stall.Token)
                ?? throw new JsonException("null came instead of an object");
        }
        catch (JsonException wrong)
        {
            throw new FederationException(
                $"The server answered {response.RequestMessage?.RequestUri?.AbsolutePath} with something that is not in the protocol: "
                + $"{wrong.Message.TrimEnd('.')}.", response.StatusCode, inner: wrong);
        }
    }

    void Authorize(HttpRequestMessage request, LedgerName ledger)
    {
        long time = (_options.Clock.GetUtcNow() + _skew).ToUnixTimeSeconds();
        string signature = Sign(Statements.Request(ledger, Participant, request.Method.Method, request.RequestUri!.PathAndQuery, time));
        request.Headers.Authorization = new("FedValue", FormattableString.Invariant($"{Participant}:{time}:{signature}"));
    }

    async Task<Exception> FailureAsync(HttpResponseMessage response, bool signed, Stall stall)
    {
        ProblemMessage problem = await ProblemAsync(response, stall);
        HttpStatusCode status = response.StatusCode;
        string sentence = problem.Detail ?? problem.Title ?? $"The server answered {(int)status} {response.ReasonPhrase}.";
        if (status == HttpStatusCode.Unauthorized && signed && response.Headers.Date is { } date)
        {
            TimeSpan skew = date - _options.Clock.GetUtcNow();
            bool changed = (skew - _skew).Duration() > SkewMin;
            _skew = changed ? skew : _skew;
            if (changed)
                return new TransientException($"The clock here differs from the server's by {skew.TotalSeconds:0} seconds.", TimeSpan.Zero);
        }
        return status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway
            or HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout
            ? new TransientException(sentence, After(response.Headers.RetryAfter))
            : new FederationException(sentence, status, problem.Code)
            {
                Field = problem.Field,
                Expected = problem.Expected,
                Came = problem.Came,
                Receipt = problem.Receipt?.ToReceipt(),
            };
    }

    TimeSpan? After(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date - _options.Clock.GetUtcNow() - _skew is { Ticks: > 0 } left ? left : null);

    static async Task<ProblemMessage> ProblemAsync(HttpResponseMessage response, Stall stall)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return new ProblemMessage();
        var text = new byte[ProblemBytesMax];
        using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
        int length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, stall.Token);
        try
        {
            return JsonSerializer.Deserialize<ProblemMessage>(text.AsSpan(0, length), ContractJson.Options) ?? new ProblemMessage();
        }
        catch (JsonException)
        {
            return new ProblemMessage();
        }
    }

    public void Dispose() => _http.Dispose();
}
