using FedValue.Client;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Cli;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

public sealed class JoinCommandTests
{
    [Fact]
    public async Task Who_has_a_key_but_was_never_enrolled_is_told_of_the_token()
    {
        using var folder = new TemporaryFolder();
        KeyFile.ReadOrCreate(folder["fedvalue-p.pem"]).Dispose();
        File.WriteAllBytes(folder["rows.csv"], Lab.Validation());
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("x", 0);
        ProcessOutcome outcome = await FedValueProcess.RunAsync(
            folder.Path, "join", lab.Server.Addresses[0], "--federation", "x", "--participant", "p", "--data", "csv:rows.csv");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("There is no participant 'p' with a key; enrol it first. With --token and what the operator gave, ", outcome.Sentence);
    }
}
