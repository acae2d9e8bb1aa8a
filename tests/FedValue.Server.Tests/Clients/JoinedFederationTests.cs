using System.Text;
using FedValue.Cli.Joining;
using FedValue.Cli.Runs;
using FedValue.Client;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

public sealed class JoinedFederationTests
{
    /// <summary>Every aggregator is drawn, sampled and enumerating methods value, a cohort's rows are very unequal.</summary>
    static readonly SimulationOptions Options = new()
    {
        Dataset = "breast-cancer", Participants = 4, Partition = "dirichlet:1", Corrupt = ["label-flip:0.5@2"], Model = "mlp:5", Momentum = 0.5,
        WeightDecay = 0.001, ProximalMu = 0.01, Rounds = 5, Aggregator = "fedrandom", Counterfactual = ["fedavg", "fedmedian"], Seed = 4,
        Permutations = 48, Budget = 1001,
    };

    [Fact]
    public async Task Native_trainers_over_http_repeat_a_simulation_byte_for_byte_and_an_auditor_recomputes_it()
    {
        using var folder = new TemporaryFolder();
        SimulationPlan plan = SimulationPlan.Prepare(Options);
        var simulated = new InMemoryLedgerStore();
        await new SimulationRunner(plan, simulated, new InMemoryBlobStore()).RunAsync();
        FederationExport.Write(plan, folder["export"]);
        byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(folder["export"], name));

        string name = plan.Creation.Name;
        await using (Lab lab = await Lab.StartAsync(folder["server"]))
        {
            string settings = Encoding.UTF8.GetString(File("federation.json"));
            (await lab.TryCreateAsync(settings, File("validation.safetensors"), File("model.safetensors"))).Is(201);
            string[] tokens = await Task.WhenAll(plan.Participants.Select(participant => lab.TokenAsync(name, participant.Id)));
            await Task.WhenAll(plan.Participants.Select((participant, k) => Join.RunAsync(
                new JoinWish(
                    lab.Http.BaseAddress!, name, participant.Id, $"csv:{folder["export"]}/{participant.Id}.csv,label=label", folder[participant.Id])
                {
                    Token = tokens[k], Training = plan.Training, Stream = (uint)k,
                },
                new ClientOptions(), TextWriter.Null, default)));

            string[] expected = [.. await TimelessAsync(simulated)];
            Assert.Equal(3 * Options.Rounds, expected.Length);
            Assert.Equal(expected, (await lab.EntriesAsync(name)).Where(IsTimeless));
        }
        string federation = folder[$"server/federations/{name}"];
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(Path.Combine(federation, RunFolder.LedgerFile));
        AuditOutcome outcome = await new RunAudit(federation, ledger, kept: null).RunAsync(recompute: true, default);
        Assert.Empty(outcome.Report.Findings);
        Assert.True(outcome.Report.State!.IsClosed);
    }

    static async Task<IReadOnlyList<string>> TimelessAsync(ILedgerStore ledger)
    {
        var texts = new List<string>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            if (Encoding.UTF8.GetString(entry.Bytes.Span) is var text && IsTimeless(text))
                texts.Add(text);
        }
        return texts;
    }

    static bool IsTimeless(string entry) => EventJson.Parse(Encoding.UTF8.GetBytes(entry)) is RoundAggregated or RoundValued or PayoutsPosted;
}
