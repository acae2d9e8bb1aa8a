using System.Globalization;
using System.Text.Json.Nodes;
using FedValue.Cli.Commands;
using FedValue.Cli.Joining;
using FedValue.Cli.Runs;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Client;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Joining;

public sealed class JoinTests
{
    static readonly SimulationOptions Options = new()
    {
        Dataset = "breast-cancer", Participants = 3, Partition = "dirichlet:1", Corrupt = ["label-flip:0.5@2"], Model = "mlp:5", Momentum = 0.5,
        WeightDecay = 0.001, Rounds = 3, Aggregator = "fedrandom", Seed = 4, Permutations = 48, Budget = 1001,
    };

    [Fact]
    public async Task Joining_with_the_rows_and_streams_of_a_simulation_gives_its_models_values_and_payouts_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        SimulationPlan plan = SimulationPlan.Prepare(Options);
        var ledger = new InMemoryLedgerStore();
        await new SimulationRunner(plan, ledger, new InMemoryBlobStore()).RunAsync();
        FederationExport.Write(plan, folder["federation"]);

        using var server = new FakeServer(plan.Creation with { Scenario = [] }, plan.Participants.Count, Options.Rounds);
        var outputs = new StringWriter[plan.Participants.Count];
        await Task.WhenAll(plan.Participants.Select((participant, k) => Join.RunAsync(
            new JoinWish(
                FakeServer.Address, plan.Creation.Name, participant.Id, $"csv:{folder["federation"]}/{participant.Id}.csv", folder[participant.Id])
            {
                Token = "token of " + participant.Id,
                Training = plan.Training,
                Stream = (uint)k,
            },
            FakeServer.Patient(new ImpatientClock(FakeServer.Now)) with { Handler = server, StateFile = k == 1 ? folder["state"] : null },
            outputs[k] = new StringWriter(), default)));

        string[] simulated = await TimelessAsync(ledger.ReadAsync(0));
        string[] joined = await TimelessAsync((await server.EntriesAsync()).ToAsyncEnumerable());
        Assert.Equal(3 * Options.Rounds, simulated.Length);
        Assert.Equal(simulated, joined);
        Assert.Matches(
            @"^participant-1 is enrolled with \d+ examples, receipt [1-3]\n" +
            @"round 1: loss 0\.\d{4} -> 0\.\d{4}, receipt \d+, payout \d+ after [01] paid rounds?\n",
            outputs[0].ToString());
        Assert.Contains("the federation has ended; 3 updates were sent from here, payout ", outputs[2].ToString());
        Assert.Contains("entries holds, with 9 signatures and your 4 receipts; root ", outputs[1].ToString());
        Assert.Equal(4, File.ReadLines(folder["state"]).Count(line => line.Contains("\"entry\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_simulation_is_written_out_with_its_settings_and_the_exact_rows()
    {
        using var folder = new TemporaryFolder();
        SimulationPlan plan = SimulationPlan.Prepare(Options);
        FederationExport.Write(plan, folder["federation"]);
        string File(string name) => Path.Combine(folder["federation"], name);
        foreach (SimulatedParticipant participant in plan.Participants)
        {
            LabelledRows read = ParticipantTable.Read($"csv:{File(participant.Id + ".csv")},label=label", 30, 2);
            Assert.Equal(participant.Rows.Features.Select(BitConverter.SingleToInt32Bits), read.Features.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(participant.Rows.Labels, read.Labels);
        }
        Assert.Equal(plan.Creation.Validation!.ToBlob(), System.IO.File.ReadAllBytes(File("validation.safetensors")));
        JsonNode settings = JsonNode.Parse(System.IO.File.ReadAllText(File("federation.json")))!;
        Assert.Equal("""{"rounds":3,"participants":3,"quorum":0,"minimumReporting":3,"deadlineSeconds":0}""", settings["schedule"]!.ToJsonString());
        Assert.Equal("mlp:5", (string)settings["model"]!);
        Assert.Equal((30, 2, 4), ((int)settings["features"]!, (int)settings["classes"]!, (int)settings["seed"]!));
        string commands = System.IO.File.ReadAllText(File("join.sh"));
        Assert.Contains("\njoin participant-1 0\njoin participant-2 1\njoin participant-3 2\n", commands);
        Assert.Contains("--momentum=0.5 --weight-decay=0.001 ", commands);
        Assert.DoesNotContain(folder.Path, commands);
    }

    [Theory]
    [InlineData("free-rider@2", 1, "participant-2 does what 'fedvalue join' does not")]
    [InlineData("inflate-examples:3@1", 1, "participant-1 does what 'fedvalue join' does not")]
    [InlineData("label-flip:0.5@2", 0.5, "--participation 1")]
    public void What_real_trainers_would_not_do_is_not_written_out(string corruption, double participation, string reason)
    {
        using var folder = new TemporaryFolder();
        SimulationPlan plan = SimulationPlan.Prepare(Options with { Corrupt = [corruption], Participation = (decimal)participation });
        Assert.Contains(reason, Assert.Throws<UsageException>(
            () => FederationExport.Check(plan, folder["federation"], folder["run"])).Message);
        Assert.False(Directory.Exists(folder["federation"]));
    }

    [Fact]
    public void A_stream_that_nobody_chose_comes_from_the_participants_id()
    {
        // printf hospital-7 | sha256sum
        Assert.Equal(uint.Parse(Sha256Start, NumberStyles.HexNumber, CultureInfo.InvariantCulture), Join.StreamOf("hospital-7"));
        Assert.NotEqual(Join.StreamOf("hospital-7"), Join.StreamOf("hospital-8"));
    }

    const string Sha256Start = "ee0446d9";

    [Fact]
    public async Task Joining_says_in_one_sentence_why_it_cannot()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome noServer = await FedValueProcess.RunAsync(
            folder.Path, "join", "federation.test", "--federation", "f", "--participant", "p", "--data", "csv:x.csv");
        Assert.Equal((2, true), (noServer.ExitCode, noServer.Sentence.Contains("like https://", StringComparison.Ordinal)));
        ProcessOutcome noKey = await FedValueProcess.RunAsync(
            folder.Path, "join", "http://127.0.0.1:9", "--federation", "f", "--participant", "p", "--data", "csv:x.csv");
        Assert.Equal((2, true), (noKey.ExitCode, noKey.Sentence.Contains("fedvalue-p.pem", StringComparison.Ordinal)));
    }

    static async Task<string[]> TimelessAsync(IAsyncEnumerable<LedgerEntry> entries)
    {
        var texts = new List<string>();
        await foreach (LedgerEntry entry in entries)
        {
            if (EventJson.Parse(entry.Bytes.Span) is RoundAggregated or RoundValued or PayoutsPosted)
                texts.Add(System.Text.Encoding.UTF8.GetString(entry.Bytes.Span));
        }
        return [.. texts];
    }
}
