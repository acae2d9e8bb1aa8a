using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedValue.Client;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;

namespace FedValue.Tests.Client;

/// <summary>
/// The protocol of clients/README.md in this process, on the real host: no sockets, and every answer can be spoiled. Rounds open by themselves
/// once everybody is enrolled and close once everybody's update is there.
/// </summary>
sealed class FakeServer(FederationCreation creation, int participants, int rounds) : HttpMessageHandler
{
    public static readonly Uri Address = new("http://federation.test/");
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    readonly InMemoryLedgerStore _ledger = new();
    readonly InMemoryBlobStore _blobs = new();
    readonly SemaphoreSlim _step = new(1, 1);
    InProcessHost? _host;
    int _restarts;

    /// <summary>Asked first with every request; a response or an exception takes the server's place.</summary>
    public Func<HttpRequestMessage, Task<HttpResponseMessage?>> Before { get; set; } = _ => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>May change what the server answers.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, Task<HttpResponseMessage>> After { get; set; } = (_, answer) => Task.FromResult(answer);

    /// <summary>After how many events a stream breaks.</summary>
    public int EventsPerStream { get; set; } = int.MaxValue;

    /// <summary>How many events before the one that was asked for a stream repeats.</summary>
    public int EventsRepeated { get; set; }

    /// <summary>Method and path of everything that came, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The Last-Event-ID of every request for events; empty where there was none.</summary>
    public ConcurrentQueue<string> Resumptions { get; } = [];

    public FedValueClient Client(string participant, ECDsa key, ClientOptions? options = null) =>
        new(Address, creation.Name, participant, key, (options ?? Patient(new ImpatientClock(Now))) with { Handler = this });

    /// <summary>Options by which nothing is polled, so only events wake.</summary>
    public static ClientOptions Patient(TimeProvider clock) => new() { Clock = clock, PollEvery = TimeSpan.FromMinutes(10) };

    public async Task<IReadOnlyList<LedgerEntry>> EntriesAsync()
    {
        var entries = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in _ledger.ReadAsync(0))
        {
            byte[] bytes = EventJson.Serialize(Rewrite(entry.Index, EventJson.Parse(entry.Bytes.Span)));
            entries.Add(new LedgerEntry(entry.Index, bytes, MerkleHash.Leaf(bytes)));
        }
        return entries[..^Forgotten];
    }

    public async Task<IReadOnlyList<T>> EventsOfAsync<T>()
        where T : LedgerEvent => [.. (await EntriesAsync()).Select(entry => EventJson.Parse(entry.Bytes.Span)).OfType<T>()];

    /// <summary>How many entries the state knows of: an event before would wake somebody who then finds nothing new.</summary>
    public Task<long> AnnouncedAsync() => WhileUpAsync(
        async () => (await (await HostAsync()).HeadAsync()).Size, ended => new IOException("The connection was lost.", ended));

    /// <summary>Shows another event in an entry's place, with hashes, heads and proofs that fit it.</summary>
    public Func<long, LedgerEvent, LedgerEvent> Rewrite { get; set; } = (_, happened) => happened;

    /// <summary>Forgets the last entries, as who puts back an old copy does.</summary>
    public int Forgotten { get; set; }

    /// <summary>The process ends and another one begins on what is stored.</summary>
    public async Task RestartAsync()
    {
        await _step.WaitAsync();
        try
        {
            _restarts++;
            await _host!.DisposeAsync();
            _host = null;
        }
        finally
        {
            _step.Release();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
        HttpResponseMessage answer = await Before(request) ?? await WhileUpAsync(
            () => AnswerAsync(request, cancellationToken), ended => new HttpRequestException("The connection was lost.", ended));
        answer = await After(request, answer);
        answer.RequestMessage = request;
        return answer;
    }

    /// <summary>What fails because the process ended is a lost connection to the client.</summary>
    async Task<T> WhileUpAsync<T>(Func<Task<T>> work, Func<Exception, Exception> lost)
    {
        int restarts = Volatile.Read(ref _restarts);
        try
        {
            return await work();
        }
        catch (Exception ended) when (Volatile.Read(ref _restarts) != restarts && ended is not OperationCanceledException)
        {
            throw lost(ended);
        }
    }

    async Task<InProcessHost> HostAsync()
    {
        await _step.WaitAsync();
        try
        {
            if (_host is null)
            {
                _host = await InProcessHost.OpenAsync(_ledger, _blobs, new CpuBackend(2), TimeProvider.System);
                if ((await _host.StateAsync()).Created is null)
                    await _host.CreateAsync(creation);
            }
            return _host;
        }
        finally
        {
            _step.Release();
        }
    }

    async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        InProcessHost host = await HostAsync();
        FederationState state = await host.StateAsync(cancellation);
        string[] path = request.RequestUri!.AbsolutePath[1..].Split('/');
        Assert.Equal(["federations", creation.Name], path[..2]);
        var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query);
        bool needsNobody = path.Length == 2 || request.Method != HttpMethod.Get;
        if (!needsNobody && !HasSigned(request, state))
            return Problem(HttpStatusCode.Unauthorized, "unauthorized", "The signature does not hold.");
        switch (path[2..])
        {
            case []:
                return Json(new FederationInfo(creation.Name, state.Name.FirstEntry, JsonSerializer.SerializeToElement(
                        JsonDocument.Parse((await EntriesAsync())[0].Bytes).RootElement.GetProperty("terms")),
                    JsonDocument.Parse(creation.Model.Manifest.ToJson()).RootElement, Announcement(state),
                    HeadMessage.Of(await host.HeadAsync(cancellation))));
            case ["participants"]:
                return await EnrolAsync(host, JsonSerializer.Deserialize<EnrolmentRequest>(
                    await request.Content!.ReadAsStringAsync(cancellation), ContractJson.Options)!);
            case ["rounds", "current"]:
                return Json(Announcement(state));
            case ["rounds", var round, "updates", var participant]:
                return await SubmitAsync(host, request, int.Parse(round), participant, cancellation);
            case ["models", var digest]:
                return Model(request, await _blobs.GetAsync(Digest.Parse(digest), cancellation));
            case ["entries"]:
                int from = int.Parse(query["from"]!), count = int.Parse(query["count"]!);
                IReadOnlyList<LedgerEntry> entries = await EntriesAsync();
                return Json(new EntriesPage(entries.Count, [.. entries.Skip(from).Take(count).Select(
                    entry => new EntryMessage(entry.Index, entry.LeafHash, Encoding.UTF8.GetString(entry.Bytes.Span)))]));
            case ["entries", var place, "receipt"]:
                var prover = new MerkleProver();
                IReadOnlyList<LedgerEntry> all = await EntriesAsync();
                foreach (LedgerEntry entry in all)
                    prover.Append(entry.LeafHash);
                int index = int.Parse(place);
                return Json(new ReceiptMessage(
                    index, all[index].LeafHash, prover.Size, prover.Head.Root, prover.ProveInclusion(index, prover.Size)));
            case ["head"]:
                var tree = new MerkleProver();
                foreach (LedgerEntry entry in await EntriesAsync())
                    tree.Append(entry.LeafHash);
                if (new[] { query["from"], query["to"] }.Any(asked => asked is not null && long.Parse(asked) > tree.Size))
                    return Problem(HttpStatusCode.NotFound, "not-found", "The ledger never had so many entries.");
                TreeHead shown = tree.HeadAt(query["to"] is { } to ? long.Parse(to) : tree.Size);
                return Json(new HeadReply(
                    shown.Size, shown.Root, query["from"] is { } older ? tree.ProveConsistency(long.Parse(older), shown.Size) : []));
            case ["balances"]:
                return Json(new BalanceSheet(
                    state.RoundsPaid, [.. state.Balances.Select(b => new ParticipantAmount(b.Key, b.Value))], state.Unallocated));
            case ["events"]:
                return Events(request, long.Parse(query["from"]!));
            default:
                return Problem(HttpStatusCode.NotFound, "not-found", "There is no such address.");
        }
    }

    static bool HasSigned(HttpRequestMessage request, FederationState state)
    {
        string[] parts = request.Headers.Authorization?.Parameter?.Split(':') ?? [];
        if (parts.Length != 3 || !state.Keys.TryGetValue(parts[0], out string? text) || text is null
            || Math.Abs(long.Parse(parts[1]) - Now.ToUnixTimeSeconds()) > 300)
            return false;
        using var key = ParticipantKey.Parse(text);
        return key.HasSigned(Statements.Request(
            state.Name, parts[0], request.Method.Method, request.RequestUri!.PathAndQuery, long.Parse(parts[1])), Convert.FromBase64String(parts[2]));
    }

    static RoundAnnouncement Announcement(FederationState state) => state.Round switch
    {
        { } round => new(round.Number, round.Aggregated is null ? "open" : "closing", round.Opened.Model, round.Opened.Cohort,
            [.. round.Accepted.Keys.Order(StringComparer.Ordinal)], Now, null, state.RoundsPaid, null),
        _ => new(null, state.IsClosed ? "closed" : "none", null, null, null, null, null, state.RoundsPaid, null),
    };

    async Task<HttpResponseMessage> EnrolAsync(InProcessHost host, EnrolmentRequest wish)
    {
        if (wish.Token != "token of " + wish.Participant)
            return Problem(HttpStatusCode.Unauthorized, "unauthorized", "The token is not one that lets this participant enrol.");
        Receipt receipt = await host.EnrolAsync(wish.Participant, wish.DeclaredExamples, wish.PublicKey);
        await GoOnAsync();
        return Json(ReceiptMessage.Of(receipt), HttpStatusCode.Created);
    }

    async Task<HttpResponseMessage> SubmitAsync(
        InProcessHost host, HttpRequestMessage request, int round, string participant, CancellationToken cancellation)
    {
        string? Header(string name) => request.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null;
        Assert.NotNull(request.Content!.Headers.ContentLength);
        using var body = new MemoryStream();
        await request.Content.CopyToAsync(body, cancellation);
        body.Position = 0;
        double? loss = Header("FedValue-Loss") is { } bits ? BitConverter.UInt64BitsToDouble(Convert.ToUInt64(bits, 16)) : null;
        SubmissionReply reply = await host.SubmitAsync(new UpdateClaim(participant, round, Digest.Parse(Header("FedValue-Update")!), body.Length,
            long.Parse(Header("FedValue-Examples")!), loss, Header("FedValue-Signature")), body, cancellation);
        await GoOnAsync();
        return reply.IsAccepted ? Json(new UploadReply(true, ReceiptMessage.Of(reply.Receipt!)))
            : Problem(reply.Receipt is null ? HttpStatusCode.Conflict : HttpStatusCode.UnprocessableEntity, reply.Reason ?? "wrong-round",
                reply.Problem!);
    }

    /// <summary>Opens, closes and ends whatever is due.</summary>
    async Task GoOnAsync()
    {
        await _step.WaitAsync();
        try
        {
            FederationState state = await _host!.StateAsync();
            if (state.Round is { } round && round.Accepted.Count == round.Opened.Cohort.Count)
                await _host.CloseRoundAsync();
            state = await _host.StateAsync();
            if (state.IsClosed || state.Participants.Count < participants || state.Round is not null)
                return;
            if (state.RoundsPaid == rounds)
                await _host.CloseAsync();
            else
                await _host.OpenRoundAsync([.. state.Participants.Keys.Order(StringComparer.Ordinal)]);
        }
        finally
        {
            _step.Release();
        }
    }

    static HttpResponseMessage Model(HttpRequestMessage request, byte[] file)
    {
        long? from = request.Headers.Range?.Ranges.Single().From;
        return new HttpResponseMessage(from is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            Content = new ByteArrayContent(file, (int)(from ?? 0), file.Length - (int)(from ?? 0)),
        };
    }

    HttpResponseMessage Events(HttpRequestMessage request, long from)
    {
        string last = request.Headers.TryGetValues("Last-Event-ID", out IEnumerable<string>? values) ? values.Single() : "";
        Resumptions.Enqueue(last);
        long first = Math.Max(0, (last == "" ? from : long.Parse(last) + 1) - EventsRepeated);
        var content = new StreamContent(new EventStream(this, first, EventsPerStream));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    public static HttpResponseMessage Json<T>(T message, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(JsonSerializer.Serialize(message, ContractJson.Options), Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Problem(HttpStatusCode status, string code, string detail, string? field = null) => new(status)
    {
        Content = new StringContent(JsonSerializer.Serialize(
            new ProblemMessage("A problem", detail, (int)status, code, field), ContractJson.Options), Encoding.UTF8, "application/problem+json"),
    };
}
