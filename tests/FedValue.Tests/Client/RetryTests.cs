using System.Net;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Contracts;

namespace FedValue.Tests.Client;

public sealed class RetryTests : IDisposable
{
    readonly TinyRun _run = new();

    [Fact]
    public async Task A_connection_that_drops_in_the_middle_of_an_upload_repeats_the_upload()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        RoundAnnouncement round = await a.RoundAsync();
        int uploads = 0;
        _run.Server.Before = async request =>
        {
            if (request.Method == HttpMethod.Put && ++uploads == 1)
                await request.Content!.CopyToAsync(new BrokenPipe(after: 100));
            return null;
        };
        Receipt receipt = await a.SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1));
        Assert.Equal(2, uploads);
        Assert.Equal(receipt.LeafHash, (await _run.Server.EntriesAsync())[(int)receipt.Index].LeafHash);
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_is_repeated_and_gets_the_receipt_of_the_one_entry()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        RoundAnnouncement round = await a.RoundAsync();
        int lost = 0;
        _run.Server.After = (request, answer) =>
            request.Method == HttpMethod.Put && ++lost == 1 ? throw new HttpRequestException("the answer was lost") : Task.FromResult(answer);
        Receipt receipt = await a.SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1));
        Receipt again = await a.SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1));
        Assert.Equal(3, lost);
        Assert.Single(await _run.Server.EventsOfAsync<UpdateAccepted>());
        Assert.Equal((receipt.Index, receipt.LeafHash), (again.Index, again.LeafHash));
    }

    [Fact]
    public async Task A_busy_server_is_given_the_time_that_it_asks_for()
    {
        var clock = new ImpatientClock(FakeServer.Now);
        (FedValueClient a, _) = await _run.EnrolledAsync(FakeServer.Patient(clock));
        RoundAnnouncement round = await a.RoundAsync();
        Assert.Equal(TimeSpan.Zero, clock.Passed);
        foreach (HttpStatusCode status in new[] { HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests })
        {
            bool refused = false;
            _run.Server.Before = request =>
            {
                if (refused || request.Method != HttpMethod.Put)
                    return Task.FromResult<HttpResponseMessage?>(null);
                refused = true;
                HttpResponseMessage busy = FakeServer.Problem(status, "busy", "The queue is full.");
                busy.Headers.RetryAfter = new(TimeSpan.FromSeconds(17));
                return Task.FromResult<HttpResponseMessage?>(busy);
            };
            TimeSpan before = clock.Passed;
            await a.SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1));
            Assert.True(refused);
            Assert.Equal(TimeSpan.FromSeconds(17), clock.Passed - before);
        }
    }

    [Fact]
    public async Task A_server_that_stays_away_is_given_up_in_the_end_and_the_last_reason_is_said()
    {
        var clock = new ImpatientClock(FakeServer.Now);
        FedValueClient a = _run.Client("a", FakeServer.Patient(clock) with { RetryFor = TimeSpan.FromSeconds(40) });
        _run.Server.Before = _ => throw new HttpRequestException("Connection refused");
        var given = await Assert.ThrowsAsync<FederationException>(() => a.RoundAsync());
        Assert.Null(given.Status);
        Assert.Contains("Connection refused. It was tried for 40 seconds.", given.Message);
        Assert.InRange(clock.Passed.TotalSeconds, 25, 40);
        Assert.InRange(_run.Server.Requests.Count, 5, 15);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected_by_the_servers_date()
    {
        var clock = new ImpatientClock(FakeServer.Now - TimeSpan.FromHours(3));
        FedValueClient b = _run.Client("b"), a = _run.Client("a", FakeServer.Patient(clock));
        await b.EnrolAsync("token of b", 100);
        await a.EnrolAsync("token of a", 100);
        _run.Server.After = (_, answer) =>
        {
            answer.Headers.Date = FakeServer.Now;
            return Task.FromResult(answer);
        };
        Assert.Equal(RoundStatus.Open, (await a.RoundAsync()).Status);
        Assert.Equal(2, _run.Server.Requests.Count(request => request.EndsWith("/rounds/current", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_carries_what_the_server_said()
    {
        FedValueClient a = _run.Client("a");
        _run.Server.Before = request => Task.FromResult<HttpResponseMessage?>(request.Method != HttpMethod.Post ? null
            : FakeServer.Problem(HttpStatusCode.BadRequest, "malformed", "'declaredExamples' takes 1 or more, but '-5' came.", "declaredExamples"));
        var refused = await Assert.ThrowsAsync<FederationException>(() => a.EnrolAsync("token of a", -5));
        Assert.Equal((HttpStatusCode.BadRequest, "malformed", "declaredExamples"), (refused.Status, refused.Code, refused.Field));
        Assert.Equal("'declaredExamples' takes 1 or more, but '-5' came.", refused.Message);
        Assert.Single(_run.Server.Requests);
    }

    [Fact]
    public async Task A_download_that_is_cut_goes_on_where_it_was()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        Digest model = (await a.RoundAsync()).Model!.Value;
        var ranges = new List<long?>();
        _run.Server.After = async (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.Contains("/models/", StringComparison.Ordinal))
                return answer;
            ranges.Add(request.Headers.Range?.Ranges.Single().From);
            if (ranges.Count == 1)
                answer.Content = new StreamContent(new CutStream(await answer.Content.ReadAsByteArrayAsync(), length: 50));
            return answer;
        };
        byte[] file = await a.DownloadModelAsync(model);
        Assert.Equal(model, Digest.Of(file));
        Assert.Equal([null, 50], ranges);
    }

    public void Dispose() => _run.Dispose();

    /// <summary>Takes so many bytes and breaks.</summary>
    sealed class BrokenPipe(int after) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > after ? throw new IOException("broken pipe") : base.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>Gives so many bytes and breaks.</summary>
    sealed class CutStream(byte[] content, int length) : MemoryStream(content, 0, length)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == Length ? throw new IOException("the connection was cut") : base.ReadAsync(buffer, cancellationToken);
    }
}
