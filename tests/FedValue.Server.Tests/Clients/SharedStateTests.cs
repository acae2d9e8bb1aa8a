using System.Diagnostics;
using System.Security.Cryptography;
using FedValue.Client;
using FedValue.Ledger.Events;
using FedValue.Server.Tests.Support;
using Trainer = FedValue.Server.Tests.Support.Trainer;

namespace FedValue.Server.Tests.Clients;

/// <summary>A participant may go over from one client to the other and keep its state.</summary>
public sealed class SharedStateTests
{
    [FactWithPython]
    public async Task What_the_one_client_kept_the_other_goes_on_with()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync("""{"name":"f","model":"softmax","schedule":{"rounds":2,"participants":1}}""", Lab.Validation())).Is(201);
        string keyFile = Path.Combine(lab.Folder, "a.pem"), state = Path.Combine(lab.Folder, "a.state");
        using ECDsa key = KeyFile.ReadOrCreate(keyFile);
        var options = new ClientOptions { StateFile = state };
        using (var a = new FedValueClient(lab.Http.BaseAddress!, "f", "a", key, options))
        {
            await a.EnrolAsync(await lab.TokenAsync("f", "a"), 100);
            await lab.WaitAsync("f", r => (int?)r["round"] == 1);
            await a.SubmitAsync(1, (await a.RoundAsync()).Model!.Value, LocalUpdate.OfFile(Trainer.Update(1), examples: 10));
            using Process second = Python.Start("-c", "import sys, fedvalue.receipts; fedvalue.receipts.State(sys.argv[1])", state);
            Task<string> said = second.StandardOutput.ReadToEndAsync(), why = second.StandardError.ReadToEndAsync();
            await second.WaitForExitAsync();
            Assert.Contains("cannot be locked: another client uses it", await said + await why);
        }
        await lab.WaitAsync("f", r => (int?)r["round"] == 2);
        const string script = """
            import sys, fedvalue
            url, key, state = sys.argv[1:]
            client = fedvalue.Client(url, "f", "a", key, state=state)
            assert (len(client.state.receipts), client.state.declared) == (2, 100), client.state.receipts
            results = client.run(lambda parameters, config: (parameters, 10, {}))
            assert [r.round for r in results] == [2], results
            print(client.verify_ledger().receipts, client.verify_receipts())
            """;
        using Process python = Python.Start("-c", script, lab.Http.BaseAddress!.ToString().TrimEnd('/'), keyFile, state);
        Task<string> output = python.StandardOutput.ReadToEndAsync(), errors = python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, await output + await errors);
        Assert.Equal("3 3", (await output).Trim());

        using var again = new FedValueClient(lab.Http.BaseAddress!, "f", "a", key, options);
        Assert.Equal((3, 3), ((await again.VerifyLedgerAsync()).Receipts, await again.VerifyReceiptsAsync()));
        Assert.Equal([1, 2], again.State.Receipts.Select(kept => EventJson.Parse(System.Text.Encoding.UTF8.GetBytes(kept.Entry!)))
            .OfType<UpdateAccepted>().Select(update => update.Round));
    }
}
