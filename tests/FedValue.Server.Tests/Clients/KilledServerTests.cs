using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FedValue.Cli.Runs;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

/// <summary>What is left of a federation whose server and trainers are killed in the middle of rounds, as the kernel kills: without a word.</summary>
public sealed class KilledServerTests
{
    const int Rounds = 3;

    [FactWithPython]
    public async Task Trainers_go_on_by_themselves_and_no_accepted_update_is_lost()
    {
        using var folder = new TemporaryFolder();
        (Process server, string address) = await ServeAsync(folder, "http://127.0.0.1:0");
        Process? quick = null, slow = null;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(20) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer", File.ReadAllText(folder["data/operator-token"]).Trim());
            await CreateAsync(http);
            string[] tokens = [await TokenAsync(http, "quick"), await TokenAsync(http, "slow")];
            quick = Train(folder, address, "quick", tokens[0], "0:100", "0");
            slow = Train(folder, address, "slow", tokens[1], "100:200", "1.5");

            // The quick one has submitted, the slow one still trains: that is where both sides are killed.
            await WaitForUpdateAsync(http, round: 1);
            server.Kill();
            await server.WaitForExitAsync();
            (server, _) = await ServeAsync(folder, address);
            await WaitForUpdateAsync(http, round: 2);
            await KillAsync(slow);
            slow = Train(folder, address, "slow", tokens[1], "100:200", "0");
            await WaitForUpdateAsync(http, round: 3, orClosed: true);
            await KillAsync(quick);
            quick = Train(folder, address, "quick", tokens[0], "0:100", "0");

            JsonNode[] done = [await DoneAsync(quick), await DoneAsync(slow)];
            Assert.All(done, trainer => Assert.Equal(Rounds + 1, (int)trainer["receipts"]!));
            Assert.All(done, trainer => Assert.Equal(2 * Rounds, (int)trainer["signatures"]!));
        }
        finally
        {
            foreach (Process? process in new[] { server, quick, slow })
            {
                await KillAsync(process);
                process?.Dispose();
            }
        }

        string federation = folder["data/federations/killed"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        // Terms, two enrolments, and per round: opened, two updates, aggregated, valued, paid; closed. Nothing twice, nothing refused.
        Assert.Equal(1 + 2 + Rounds * 6 + 1, outcome.Report.Head.Size);
    }

    static async Task<(Process Server, string Address)> ServeAsync(TemporaryFolder folder, string urls)
    {
        string[] command = UnderTest.ServeCommand(folder["data"], urls);
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
        };
        Process server = Process.Start(start)!;
        string said = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? "";
        return (server, said.Split(" at ")[^1]);
    }

    static async Task CreateAsync(HttpClient http)
    {
        string settings = $$"""
            {"name":"killed","model":"softmax","features":64,"classes":10,"methods":["exact"],"schedule":{"rounds":{{Rounds}},"participants":2} }
            """;
        var parts = new MultipartFormDataContent
        {
            { Lab.Json(settings), "federation" }, { new ByteArrayContent(Digits.Rows(1700, 1797)), "validation" },
        };
        using HttpResponseMessage created = await http.PostAsync("/federations", parts);
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
    }

    static async Task<string> TokenAsync(HttpClient http, string participant)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/federations/killed/tokens", new { participant });
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["token"]!;
    }

    static async Task WaitForUpdateAsync(HttpClient http, int round, bool orClosed = false)
    {
        for (int attempt = 0; attempt < 1200; attempt++)
        {
            JsonNode now = (await http.GetFromJsonAsync<JsonNode>("/federations/killed/rounds/current"))!;
            bool isThere = (int?)now["round"] == round && now["submitted"]!.AsArray().Count > 0;
            if (isThere || (orClosed && (string?)now["status"] == "closed"))
                return;
            await Task.Delay(25);
        }
        throw new TimeoutException($"No update of round {round} came.");
    }

    static Process Train(TemporaryFolder folder, string address, string id, string token, string rows, string seconds) => Python.Start(
        "tests/trainer_process.py", address, "killed", id, folder[id + ".pem"], token, rows,
        "--state", folder[id + ".state"], "--seconds", seconds, "--verify");

    static async Task<JsonNode> DoneAsync(Process trainer)
    {
        Task<string> output = trainer.StandardOutput.ReadToEndAsync(), errors = trainer.StandardError.ReadToEndAsync();
        await trainer.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(trainer.ExitCode == 0, await errors);
        return JsonNode.Parse((await output).TrimEnd().Split('\n')[^1])!["done"]!;
    }

    static async Task KillAsync(Process? process)
    {
        if (process is null or { HasExited: true })
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }
}
