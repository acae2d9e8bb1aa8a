using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FedValue.Server.Telemetry;
using FedValue.Tests.Cli;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Telemetry;

public sealed class OtlpTests
{
    [Fact]
    public async Task Spans_and_figures_leave_the_process_when_an_endpoint_is_named()
    {
        using var collector = new Collector();
        using var folder = new TemporaryFolder();
        using Process server = Start(folder.Path, collector.Address, "http/protobuf");
        try
        {
            string said = (await server.StandardOutput.ReadLineAsync())!;
            using var http = new HttpClient { BaseAddress = new Uri(said.Split(" at ")[1]) };
            using (HttpResponseMessage refused = await http.PutAsync("/federations/none/rounds/1/updates/somebody", new ByteArrayContent([1])))
                Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            await StopAsync(server);
        }
        finally
        {
            server.Kill();
        }
        // What was not sent yet is sent before the process ends.
        string traces = collector.Came("/v1/traces"), metrics = collector.Came("/v1/metrics");
        Assert.Contains("named-by-the-environment", traces);
        Assert.Contains("upload", traces);
        Assert.Contains("PUT /federations/{federation}/rounds/{round}/updates/{participant}", traces);
        Assert.Contains("named-by-the-environment", metrics);
        Assert.Contains("fedvalue.upload.refused", metrics);
        Assert.Contains("not-found", metrics);
        Assert.Contains("http.server.request.duration", metrics);
        Assert.DoesNotContain("somebody", metrics);
    }

    [Fact]
    public async Task A_collector_that_never_answers_does_not_keep_the_server_from_ending_well()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        using var folder = new TemporaryFolder();
        using Process server = Start(folder.Path, $"http://{deaf.LocalEndpoint}", "grpc");
        try
        {
            string said = (await server.StandardOutput.ReadLineAsync())!;
            using var http = new HttpClient { BaseAddress = new Uri(said.Split(" at ")[1]) };
            Assert.Contains("FedValue", await http.GetStringAsync("/openapi/v1.json"));
            await StopAsync(server);
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector:4318/v1/traces", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://collector:4317 OTEL_METRICS_EXPORTER=none", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317 OTEL_SDK_DISABLED=true", false, false)]
    public void The_environment_says_what_is_sent(string variables, bool traces, bool metrics) =>
        Assert.Equal(new OtlpTargets(traces, metrics), OtlpTargets.Of(Variables(variables)));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT takes an http or https address")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=here", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT takes an http or https address")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL takes grpc or")]
    public void What_the_exporter_would_pass_over_in_silence_is_refused(string variables, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<FormatException>(() => OtlpTargets.Of(Variables(variables))).Message);

    static Process Start(string folder, string endpoint, string protocol)
    {
        var start = new ProcessStartInfo(FedValueProcess.Host,
            [Path.Combine(AppContext.BaseDirectory, "fedvalue.dll"), "serve", "--data", "data", "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        start.Environment["OTEL_SERVICE_NAME"] = "named-by-the-environment";
        return Process.Start(start)!;
    }

    static async Task StopAsync(Process server)
    {
        using (Process.Start("kill", ["-TERM", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, server.ExitCode);
    }

    static Func<string, string?> Variables(string text)
    {
        string[][] pairs = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('='))];
        Dictionary<string, string> all = pairs.ToDictionary(pair => pair[0], pair => pair[1]);
        return name => all.GetValueOrDefault(name);
    }

    /// <summary>Takes everything that is sent to a free port and says yes.</summary>
    sealed class Collector : IDisposable
    {
        readonly HttpListener _listener = new();
        readonly ConcurrentQueue<(string Path, string Body)> _came = [];

        public Collector()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = $"http://{free.LocalEndpoint}";
            }
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _ = Task.Run(TakeAsync);
        }

        public string Address { get; }

        public string Came(string path) => string.Concat(_came.Where(c => c.Path == path).Select(c => c.Body));

        async Task TakeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext http;
                try
                {
                    http = await _listener.GetContextAsync();
                }
                catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                using var reader = new StreamReader(http.Request.InputStream, Encoding.Latin1);
                _came.Enqueue(($"{http.Request.HttpMethod} {http.Request.Url!.AbsolutePath}".Replace("POST ", ""), await reader.ReadToEndAsync()));
                http.Response.ContentType = "application/x-protobuf";
                http.Response.Close();
            }
        }

        public void Dispose() => _listener.Close();
    }
}
