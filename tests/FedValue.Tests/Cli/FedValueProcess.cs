using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedValue.Tests.Cli;

/// <summary>What a child process printed and how it ended.</summary>
sealed record ProcessOutcome(int ExitCode, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>The one sentence of a refusal.</summary>
    public string Sentence => Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Runs <c>fedvalue</c> as a user would: another process, its own folder, real exit codes.</summary>
static class FedValueProcess
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "fedvalue.dll");

    public static readonly string Host =
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    public static Task<ProcessOutcome> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartAsync(folder, environment, Host, [Program, .. arguments]);

    public static Task<ProcessOutcome> RunAsync(string folder, params string[] arguments) => RunAsync(folder, null, arguments);

    /// <summary>Runs a shell script in which <c>"$@"</c> is the command.</summary>
    public static Task<ProcessOutcome> RunInShellAsync(string folder, string script, params string[] arguments) =>
        StartAsync(folder, null, "/bin/sh", ["-c", script, "sh", Host, Program, .. arguments]);

    static async Task<ProcessOutcome> StartAsync(
        string folder, IReadOnlyDictionary<string, string>? environment, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ProcessOutcome(process.ExitCode, await output, await error);
    }
}
