using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Cli;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests;

public sealed class ServeTests
{
    [Fact]
    public async Task The_command_makes_its_secrets_says_where_it_listens_and_ends_when_told()
    {
        using var folder = new TemporaryFolder();
        long began = Stopwatch.GetTimestamp();
        using Process server = Start(folder.Path, "serve", "--data", "data", "--urls", "http://127.0.0.1:0");
        string said = (await server.StandardOutput.ReadLineAsync())!;
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 10); // two on a machine that does nothing else
        Assert.StartsWith("serving 0 federations of 'data' at http://127.0.0.1:", said);
        Assert.Contains(Path.Combine("data", "operator-token"), await server.StandardOutput.ReadLineAsync());
        foreach (string secret in new[] { "data/operator-token", "data/server-secret" })
        {
            Assert.Equal(64, File.ReadAllText(folder[secret]).Trim().Length);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder[secret]));
        }
        using var http = new HttpClient { BaseAddress = new Uri(said.Split(" at ")[1]) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/federations");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + File.ReadAllText(folder["data/operator-token"]).Trim());
        Assert.Equal("""{"federations":[]}""", await (await http.SendAsync(request)).Content.ReadAsStringAsync());
        using (Process.Start("kill", ["-TERM", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("", await server.StandardError.ReadToEndAsync());
        Assert.Equal(0, server.ExitCode);
    }

    [Fact]
    public async Task A_folder_that_is_no_federation_is_left_as_it_is_and_named_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data/federations/notes"]);
        File.WriteAllText(folder["data/federations/notes/readme.txt"], "somebody's notes");
        using Process server = Start(folder.Path, "serve", "--data", "data", "--urls", "http://127.0.0.1:0");
        Assert.StartsWith("serving 0 federations (1 could not be opened) of 'data' at http://", await server.StandardOutput.ReadLineAsync());
        server.Kill();
        string said = Assert.Single((await server.StandardError.ReadToEndAsync()).TrimEnd().Split('\n'));
        Assert.Contains("There is no 'ledger.sqlite' in '", said);
        Assert.EndsWith("restore it from a copy, or move the folder away.", said);
        Assert.Equal([folder["data/federations/notes/readme.txt"]], Directory.GetFileSystemEntries(folder["data/federations/notes"]));
    }

    [Theory]
    [InlineData("""{"FedValue":{"uploads":3}}""", "has no limit 'uploads'; the limits are connections, concurrentUploads, ")]
    [InlineData("""{"FedValue":{"concurrentUploads":"many"}}""", "of the section FedValue of 'config.json' is a whole number, but 'many' came")]
    [InlineData("""{"FedValue":3}""", "is a JSON object of limits, but '3' came")]
    [InlineData("""{"FedValu":{}}""", "has the sections Kestrel, Logging, FedValue, but 'FedValu' came")]
    [InlineData("""{"FedValue":{"concurrentUploads":0}}""", "FedValue")]
    [InlineData("""{"FedValue":""", "'config.json' is one JSON object, but reading it failed: ")]
    public async Task A_configuration_that_cannot_be_used_is_refused(string json, string named)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], json);
        ProcessOutcome outcome = await FedValueProcess.RunAsync(
            folder.Path, "serve", "--data", "data", "--urls", "http://127.0.0.1:0", "--config", "config.json");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(named, outcome.Sentence);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, "serve", "--data", "data", "--urls", $"http://{taken.LocalEndpoint}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("fedvalue: The server could not be started", outcome.Sentence);
        Assert.EndsWith("or name another address with --urls.", outcome.Sentence);
    }

    [Theory]
    [InlineData("data", "localhost", "--urls takes addresses such as http://127.0.0.1:8080, separated by semicolons, but 'localhost' came.")]
    [InlineData("data", "http://127.0.0.1:0;127.0.0.1:99999", "but '127.0.0.1:99999' came.")]
    [InlineData("data", "http://127.0.0.1:99999", "but 'http://127.0.0.1:99999' came.")]
    [InlineData("data", "http://*:80a", "but 'http://*:80a' came.")]
    [InlineData("data", ";", "but '' came.")]
    [InlineData("data", "http://192.0.2.1:0", "; name another address with --urls.")]
    [InlineData("rows.csv", "http://127.0.0.1:0", "--data takes a folder, which the server makes where it is missing, but 'rows.csv' is a file.")]
    public async Task An_address_or_a_folder_that_is_none_is_refused(string data, string urls, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.csv"], "x,y\n");
        ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, "serve", "--data", data, "--urls", urls);
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(part, outcome.Sentence);
    }

    [Fact]
    public async Task A_secret_that_is_made_anew_is_noted()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder["data"]))
            await lab.FederateAsync("x", 0);
        File.Delete(folder["data/server-secret"]);
        using Process server = Start(folder.Path, "serve", "--data", "data", "--urls", "http://127.0.0.1:0");
        Assert.StartsWith("serving 1 federation of ", await server.StandardOutput.ReadLineAsync());
        await server.StandardOutput.ReadLineAsync();
        server.Kill();
        string said = Assert.Single((await server.StandardError.ReadToEndAsync()).TrimEnd().Split('\n'), line => line.Contains("server-secret"));
        Assert.EndsWith("was missing and is made anew: tokens that were given out before hold no more", said);
    }

    [Fact]
    public async Task A_folder_that_is_served_and_a_token_that_can_be_guessed_are_refused()
    {
        using var folder = new TemporaryFolder();
        var options = new ServerOptions { DataFolder = folder["data"], Urls = "http://127.0.0.1:0" };
        await using (await ServerApplication.StartAsync(options))
        {
            IOException taken = await Assert.ThrowsAsync<IOException>(() => ServerApplication.StartAsync(options));
            Assert.Contains("in use by another server", taken.Message);
        }
        await Assert.ThrowsAsync<FormatException>(() => ServerApplication.StartAsync(options with { OperatorToken = "short" }));
        await (await ServerApplication.StartAsync(options)).DisposeAsync();
    }

    [Fact]
    public async Task Tls_is_a_matter_of_configuration()
    {
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllBytes(folder["server.pfx"], certificate.Export(X509ContentType.Pkcs12, "secret"));
        File.WriteAllText(folder["config.json"], $$"""
            {
              "Kestrel": { "Endpoints": { "Https": {
                "Url": "https://127.0.0.1:0", "Certificate": { "Path": "{{folder["server.pfx"]}}", "Password": "secret" } } } },
              "FedValue": { "concurrentUploads": 8 }
            }
            """);
        await using ServerApplication server = await ServerApplication.StartAsync(
            new ServerOptions { DataFolder = folder["data"], ConfigFile = folder["config.json"] });
        Assert.StartsWith("https://", Assert.Single(server.Addresses));
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint,
        });
        Assert.Contains("ok", await http.GetStringAsync(new Uri(new Uri(server.Addresses[0]), "/health/live")));
    }

    static Process Start(string folder, params string[] arguments) => Process.Start(
        new ProcessStartInfo(FedValueProcess.Host, [Path.Combine(AppContext.BaseDirectory, "fedvalue.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
