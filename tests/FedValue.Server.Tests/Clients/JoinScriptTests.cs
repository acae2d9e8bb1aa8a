using System.Diagnostics;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Cli;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Clients;

/// <summary>The script beside a simulation that is written out, as a user gives it.</summary>
public sealed class JoinScriptTests
{
    static readonly SimulationOptions Options = new()
    {
        Dataset = "breast-cancer", Participants = 2, Rounds = 1, Methods = ["loo"], PayBy = "loo",
    };

    [FactWithCurl]
    public async Task The_script_runs_the_federation_and_given_again_finds_it_ended()
    {
        using var folder = new TemporaryFolder();
        SimulationPlan plan = SimulationPlan.Prepare(Options);
        FederationExport.Write(plan, folder["export"]);
        // A wrapper, because the path of the program may have spaces.
        string program = Path.Combine(AppContext.BaseDirectory, "fedvalue.dll");
        File.WriteAllText(folder["fedvalue.sh"], $"exec '{FedValueProcess.Host}' '{program}' \"$@\"\n");
        await using Lab lab = await Lab.StartAsync();
        ProcessOutcome first = await RunAsync(folder["export"], lab, "sh ../fedvalue.sh");
        Assert.True(first.ExitCode == 0, first.Error);
        await lab.WaitAsync(plan.Creation.Name, round => (string?)round["status"] == "closed");
        ProcessOutcome again = await RunAsync(folder["export"], lab, "sh ../fedvalue.sh");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(2, again.Output.Split("the federation has ended; 0 updates were sent from here").Length - 1);

        FederationExport.Write(plan, folder["other"]);
        ProcessOutcome other = await RunAsync(folder["other"], lab, "sh ../fedvalue.sh");
        Assert.Equal((2, $"join.sh: The server has another federation '{plan.Creation.Name}' already; start one with another --data."),
            (other.ExitCode, other.Sentence));
    }

    [FactWithCurl]
    public async Task Without_a_command_nothing_is_created_and_what_the_server_refuses_is_said_in_its_words()
    {
        using var folder = new TemporaryFolder();
        FederationExport.Write(SimulationPlan.Prepare(Options), folder["export"]);
        await using Lab lab = await Lab.StartAsync();
        ProcessOutcome none = await RunAsync(folder["export"], lab, "no-such-command");
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("'no-such-command' does not run; name what does", none.Sentence);
        ProcessOutcome foreign = await RunAsync(folder["export"], lab, "true", token: "not the operator's");
        Assert.Equal(2, foreign.ExitCode);
        Assert.StartsWith("join.sh: The server answered 401: ", foreign.Sentence);
        Assert.Contains("operator", foreign.Sentence);
        Assert.Equal("""{"federations":[]}""", (await lab.OperateAsync(HttpMethod.Get, "/federations")).Text);
    }

    static async Task<ProcessOutcome> RunAsync(string folder, Lab lab, string command, string token = Lab.OperatorToken)
    {
        var start = new ProcessStartInfo("/bin/sh", [FederationExport.CommandsFile, lab.Server.Addresses[0]])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["FEDVALUE"] = command, ["FEDVALUE_OPERATOR_TOKEN"] = token },
        };
        using Process script = Process.Start(start)!;
        Task<string> output = script.StandardOutput.ReadToEndAsync(), error = script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return new ProcessOutcome(script.ExitCode, await output, await error);
    }
}

/// <summary>A test that needs a shell of Unix and curl; elsewhere it is skipped and says so.</summary>
sealed class FactWithCurlAttribute : FactAttribute
{
    public FactWithCurlAttribute()
    {
        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!File.Exists("/bin/sh") || !folders.Any(folder => File.Exists(Path.Combine(folder, "curl"))))
            Skip = "There is no /bin/sh or no curl on this machine.";
    }
}
