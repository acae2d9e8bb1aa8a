using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedValue.Cli.Runs;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

public sealed class CutUploadTests
{
    [Fact]
    public async Task Clients_go_on_by_themselves_after_the_server_was_killed_in_the_middle_of_a_round_and_of_an_upload()
    {
        using var folder = new TemporaryFolder();
        Process server = await ServeAsync(folder, "http://127.0.0.1:0");
        try
        {
            string address = await AddressAsync(server);
            using var operating = new HttpClient { BaseAddress = new Uri(address) };
            operating.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Lab.OperatorToken);
            var parts = new MultipartFormDataContent
            {
                { Lab.Json("""{"name":"f","model":"softmax","methods":["exact"],"schedule":{"rounds":2,"participants":2}}"""), "federation" },
                { new ByteArrayContent(Lab.Validation()), "validation" },
            };
            (await operating.PostAsync("/federations", parts)).EnsureSuccessStatusCode();
            using ECDsa keyA = KeyFile.Create(), keyB = KeyFile.Create();
            using FedValueClient a = new(new Uri(address), "f", "a", keyA), b = new(new Uri(address), "f", "b", keyB);
            await a.EnrolAsync(await TokenAsync(operating, "a"), 100);
            await b.EnrolAsync(await TokenAsync(operating, "b"), 100);

            var accepted = new TaskCompletionSource<Receipt>(TaskCreationOptions.RunContinuationsAsynchronously);
            var halfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task running = Task.WhenAll(
                a.RunAsync(Trainer(1, bytes => new MemoryStream(bytes)), (round, _) =>
                {
                    accepted.TrySetResult(round.Receipt);
                    return Task.CompletedTask;
                }),
                b.RunAsync(Trainer(2, bytes => new PausingStream(bytes, halfway, killed.Task))));
            Receipt receipt = await accepted.Task;
            await halfway.Task;
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            killed.SetResult();
            server.Dispose();
            server = await ServeAsync(folder, address);
            await running;

            Assert.Equal("a", Assert.IsType<UpdateAccepted>(await a.VerifyReceiptAsync(receipt)).Participant);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.Dispose();
        }
        string federation = folder["federations/f"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        Assert.True(outcome.Report.State!.IsClosed);
        var taken = new List<(int, string)>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            if (EventJson.Parse(entry.Bytes.Span) is UpdateAccepted update)
                taken.Add((update.Round, update.Participant));
        }
        Assert.Equal([(1, "a"), (1, "b"), (2, "a"), (2, "b")], taken.Order());
    }

    static ITrainer Trainer(float step, Func<byte[], Stream> open) => new Client.Trainer((model, _) => Task.FromResult(LocalUpdate.OfStream(
        open(ModelFile.Write(model.Manifest, Array.ConvertAll(model.Weights(), weight => weight + step / model.Round))), examples: 10)));

    static async Task<Process> ServeAsync(TemporaryFolder folder, string urls)
    {
        // What the program needs lies here as the tests' own: the frameworks they name hold the rest.
        string tests = Path.Combine(AppContext.BaseDirectory, typeof(CutUploadTests).Assembly.GetName().Name!);
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            ["exec", "--depsfile", tests + ".deps.json", "--runtimeconfig", tests + ".runtimeconfig.json",
                Path.Combine(AppContext.BaseDirectory, "fedvalue.dll"), "serve", "--data", folder.Path, "--urls", urls])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["FEDVALUE_OPERATOR_TOKEN"] = Lab.OperatorToken;
        await Task.Yield();
        return Process.Start(start)!;
    }

    static async Task<string> AddressAsync(Process server)
    {
        string line = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it served.");
        return line[(line.LastIndexOf(" at ", StringComparison.Ordinal) + 4)..];
    }

    static async Task<string> TokenAsync(HttpClient operating, string participant)
    {
        using HttpResponseMessage response = await operating.PostAsync(
            "/federations/f/tokens", Lab.Json($$"""{"participant":"{{participant}}"}"""));
        return (string)JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["token"]!;
    }

    /// <summary>After half of its bytes it says so, once it was read whole for the digest, and waits.</summary>
    sealed class PausingStream(byte[] content, TaskCompletionSource halfway, Task goOn) : MemoryStream(content)
    {
        bool _readWhole;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int half = (int)Length / 2;
            if (_readWhole && Position == half)
            {
                halfway.TrySetResult();
                await goOn;
            }
            int most = Position < half ? half - (int)Position : buffer.Length;
            int read = await base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
            _readWhole |= Position == Length;
            return read;
        }
    }
}
