using System.Collections.Concurrent;
using System.Diagnostics;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Server.Telemetry;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Telemetry;

[Collection("telemetry")]
public sealed class TraceTests
{
    const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

    [Fact]
    public async Task An_upload_belongs_to_the_trace_of_its_client_with_intake_and_append_below()
    {
        using var spans = new Spans();
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("traced", 1))[0];
        for (int round = 1; round <= 2; round++)
        {
            await lab.OpenRoundAsync("traced");
            (int number, Digest model) = await trainer.RoundAsync();
            // Each upload has a trace of its own, though the same roles take both.
            var trace = ActivityTraceId.CreateRandom();
            var client = ActivitySpanId.CreateRandom();
            byte[] update = Trainer.Update(round);
            (await trainer.SubmitAsync(number, model, update, r => r.Headers.Add("traceparent", $"00-{trace}-{client}-01"))).Is(200);
            Activity request = await spans.WaitAsync(Request, trace), upload = await spans.WaitAsync("upload", trace);
            Activity intake = await spans.WaitAsync("update intake", trace), append = await spans.WaitAsync("ledger append", trace);
            Assert.Equal(client, request.ParentSpanId);
            Assert.Equal("PUT /federations/{federation}/rounds/{round}/updates/{participant}", request.DisplayName);
            Assert.Equal(200, request.GetTagItem("http.response.status_code"));
            Assert.Equal(request.SpanId, upload.ParentSpanId);
            Assert.Equal(upload.SpanId, intake.ParentSpanId);
            Assert.Equal(upload.SpanId, append.ParentSpanId);
            Assert.Equal(4, spans.Of(trace).Count);
            Assert.Equal("traced", upload.GetTagItem("fedvalue.federation"));
            Assert.Equal(round, upload.GetTagItem("fedvalue.round"));
            Assert.Equal((long)update.Length, intake.GetTagItem("fedvalue.bytes"));
            await lab.OperateAsync(HttpMethod.Post, $"/federations/traced/rounds/{number}/close");
            await lab.WaitAsync("traced", r => (int)r["roundsPaid"]! == number);
        }
    }

    [Fact]
    public async Task A_refused_upload_says_why()
    {
        using var spans = new Spans();
        await using Lab lab = await Lab.StartAsync();
        Trainer trainer = (await lab.FederateAsync("refused", 1))[0];
        await lab.OpenRoundAsync("refused");
        (int number, Digest model) = await trainer.RoundAsync();
        var trace = ActivityTraceId.CreateRandom();
        (await trainer.SubmitAsync(number, model, Trainer.Update(float.NaN),
            r => r.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"))).Is(422);
        Activity upload = await spans.WaitAsync("upload", trace);
        Assert.Equal(ActivityStatusCode.Error, upload.Status);
        Assert.Equal("not-finite", upload.GetTagItem("fedvalue.reason"));
    }

    [Fact]
    public async Task Closing_a_round_is_a_trace_with_aggregation_appends_and_every_method()
    {
        using var spans = new Spans();
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync(
            """{"name":"closed","model":"softmax","methods":["exact","loo"],"schedule":{"rounds":2,"participants":2}}""", Lab.Validation())).Is(201);
        IReadOnlyList<Trainer> trainers = await lab.EnrolAsync("closed", "a", "b");
        for (int round = 1; round <= 2; round++)
        {
            await lab.WaitAsync("closed", r => (int?)r["round"] == round);
            foreach (Trainer trainer in trainers)
                (await trainer.SubmitAsync(Trainer.Update(round + trainer.Id[0]))).Is(200);
            Activity close = await spans.WaitAsync("round close", null, c => (string?)c.GetTagItem("fedvalue.federation") == "closed"
                && (int)c.GetTagItem("fedvalue.round")! == round);
            Assert.Equal(default, close.ParentSpanId);
            ILookup<ActivitySpanId, Activity> below = spans.Of(close.TraceId).ToLookup(span => span.ParentSpanId);
            Assert.Equal(
                ["ledger append", "ledger append", "round aggregation", "round valuation"],
                below[close.SpanId].Select(span => span.OperationName).Order(StringComparer.Ordinal));
            Activity valuation = below[close.SpanId].Single(span => span.OperationName == "round valuation");
            Assert.All(below[valuation.SpanId], method => Assert.Equal("valuation method", method.OperationName));
            Assert.Equal(["exact", "loo"], below[valuation.SpanId].Select(method => (string)method.GetTagItem("fedvalue.method")!));
            Assert.Equal(7, spans.Of(close.TraceId).Count);
        }
    }

    [Fact]
    public async Task Questions_about_health_are_left_out()
    {
        using var spans = new Spans();
        await using Lab lab = await Lab.StartAsync();
        foreach (string path in new[] { "/health/live", "/health/ready", "/openapi/v1.json" })
        {
            var trace = ActivityTraceId.CreateRandom();
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
            using HttpResponseMessage response = await lab.Http.SendAsync(request);
            Assert.Equal(!path.StartsWith("/health", StringComparison.Ordinal), (await spans.WaitAsync(Request, trace)).Recorded);
        }
    }

    /// <summary>The spans of the server's sources that have ended.</summary>
    sealed class Spans : IDisposable
    {
        readonly ConcurrentQueue<Activity> _ended = [];
        readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name is ServerTelemetry.Name or RoundTracing.SourceName or "Microsoft.AspNetCore",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Of(ActivityTraceId trace) =>
            [.. _ended.Where(span => span.TraceId == trace).OrderBy(span => span.StartTimeUtc)];

        /// <summary>Spans end a little after the answer that they are about.</summary>
        public async Task<Activity> WaitAsync(string name, ActivityTraceId? trace, Func<Activity, bool>? wanted = null)
        {
            for (int attempt = 0; attempt < 400; attempt++)
            {
                Activity? found = _ended.FirstOrDefault(span =>
                    span.OperationName == name && (trace is null || span.TraceId == trace) && wanted?.Invoke(span) != false);
                if (found is not null)
                    return found;
                await Task.Delay(25);
            }
            throw new TimeoutException($"No span '{name}' ended; there are {string.Join(", ", _ended.Select(span => span.OperationName))}.");
        }

        public void Dispose() => _listener.Dispose();
    }
}
