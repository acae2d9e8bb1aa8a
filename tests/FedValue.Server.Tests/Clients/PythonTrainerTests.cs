using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FedValue.Cli.Joining;
using FedValue.Cli.Runs;
using FedValue.Client;
using FedValue.Federation.Learning;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

/// <summary>Participants that are Python processes of their own, and some in C#, training on digits.</summary>
public sealed class PythonTrainerTests
{
    const int Processes = 4, Trainers = 6, Rounds = 5, RowsEach = 200;

    [FactWithPython]
    public async Task Four_Python_processes_and_two_trainers_in_CSharp_finish_five_rounds_and_an_auditor_recomputes_them()
    {
        using var folder = new TemporaryFolder();
        string[] said;
        await using (Lab lab = await Lab.StartAsync(folder["data"]))
        {
            string settings = $$"""
                {"name":"digits","model":"softmax","classes":10,"methods":["exact","cosine"],
                 "schedule":{"rounds":{{Rounds}},"participants":{{Trainers}} } }
                """;
            (await lab.TryCreateAsync(settings, Digits.Rows(1600, 1797))).Is(201);
            string[] tokens = [.. await Task.WhenAll(Enumerable.Range(0, Trainers).Select(k => lab.TokenAsync("digits", Id(k))))];
            Task native = Task.WhenAll(Enumerable.Range(Processes, Trainers - Processes).Select(k => JoinAsync(lab, folder, k, tokens[k])));
            said = await Task.WhenAll(tokens.Take(Processes).Select((token, k) => TrainAsync(lab, folder, k, token)));
            await native;
        }

        JsonNode[] done = [.. said.Select(text => JsonNode.Parse(text.TrimEnd().Split('\n')[^1])!["done"]!)];
        Assert.All(done, trainer => Assert.Equal(Rounds, (int)trainer["rounds"]!));
        // A receipt for the enrolment and one for each update, all checked against the tree as it is at the end.
        Assert.All(done, trainer => Assert.Equal(Rounds + 1, (int)trainer["receipts"]!));
        Assert.All(done, trainer => Assert.Equal(Rounds * Trainers, (int)trainer["signatures"]!));
        Assert.Single(done.Select(trainer => (string)trainer["root"]!).Distinct());
        Assert.All(done, trainer => Assert.InRange((long)trainer["balance"]!, 1, 100_000 * Rounds));

        string federation = folder["data/federations/digits"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        Assert.True(outcome.Report.State!.IsClosed);
        Assert.Equal(Trainers, outcome.Report.State.Balances.Count);
        Assert.Equal(100_000 * Rounds, outcome.Report.State.Balances.Values.Sum() + outcome.Report.State.Unallocated);
    }

    static async Task JoinAsync(Lab lab, TemporaryFolder folder, int k, string token)
    {
        string table = folder[Id(k) + ".csv"];
        await File.WriteAllBytesAsync(table, Digits.Rows(k * RowsEach, (k + 1) * RowsEach));
        var wish = new JoinWish(new Uri(lab.Server.Addresses[0]), "digits", Id(k), "csv:" + table, folder[Id(k) + ".pem"])
        {
            Token = token, Training = new TrainingSettings(0.01, 32, 0, 0, 1, 0),
        };
        await Join.RunAsync(wish, new ClientOptions(), TextWriter.Null, default);
    }

    static async Task<string> TrainAsync(Lab lab, TemporaryFolder folder, int k, string token)
    {
        string rows = string.Create(CultureInfo.InvariantCulture, $"{k * RowsEach}:{(k + 1) * RowsEach}");
        using Process process = Python.Start(
            "tests/trainer_process.py", lab.Server.Addresses[0], "digits", Id(k), folder[Id(k) + ".pem"], token, rows,
            "--state", folder[Id(k) + ".state"], "--verify");
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
            Assert.True(process.ExitCode == 0, await errors);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    static string Id(int k) => string.Create(CultureInfo.InvariantCulture, $"clinic-{k + 1}");
}
