using System.Globalization;
using System.Text.Json;

namespace FedValue.Orleans.Benchmarks;

/// <summary>One round under one host.</summary>
/// <param name="Host">Which host.</param>
/// <param name="Participants">How many sent an update.</param>
/// <param name="SubmitSeconds">From the first update to the last receipt.</param>
/// <param name="CloseSeconds">Aggregation, valuation, payment.</param>
sealed record HostRun(string Host, int Participants, double SubmitSeconds, double CloseSeconds);

/// <summary>The medians of all runs: printed, and written beside the other benchmarks.</summary>
sealed class HostReport
{
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true };
    readonly List<HostRun> _runs = [];

    public void Add(HostRun run)
    {
        Console.WriteLine(run);
        _runs.Add(run);
    }

    public void Write(bool keep)
    {
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[1];
        string machine = $"{Environment.ProcessorCount} threads, .NET {Environment.Version}, load {load} over the last five minutes";
        string table = string.Join('\n',
        [
            $"{machine}. Medians of {_runs.Count(run => (run.Host, run.Participants) == (_runs[0].Host, _runs[0].Participants))} runs.", "",
            "| participants | embedded, updates/s | Orleans, updates/s | embedded, close in ms | Orleans, close in ms |",
            "| ---: | ---: | ---: | ---: | ---: |",
            .. _runs.Select(run => run.Participants).Distinct().Select(Row), "",
        ]);
        Console.Write(table);
        if (!keep)
            return;
        string folder = Folder(), readme = Path.Combine(folder, "README.md"), text = File.ReadAllText(readme);
        const string start = "<!-- hosts -->\n", end = "<!-- end of hosts -->";
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        File.WriteAllText(readme, text[..from] + table + text[text.IndexOf(end, StringComparison.Ordinal)..]);
        File.WriteAllText(Path.Combine(folder, "hosts.json"), JsonSerializer.Serialize(new { machine, runs = _runs }, Json) + "\n");
    }

    string Row(int participants)
    {
        double Median(string host, Func<HostRun, double> of)
        {
            double[] sorted = [.. _runs.Where(run => run.Host == host && run.Participants == participants).Select(of).Order()];
            return sorted[sorted.Length / 2];
        }
        double Speed(string host) => participants / Median(host, run => run.SubmitSeconds);
        double Close(string host) => 1e3 * Median(host, run => run.CloseSeconds);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {participants} | {Speed("embedded"):F0} | {Speed("Orleans"):F0} | {Close("embedded"):F0} | {Close("Orleans"):F0} |");
    }

    /// <summary>Where the tables of all benchmarks are, from wherever below the repository it runs.</summary>
    static string Folder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "FedValue.sln")))
            at = at.Parent;
        return Path.Combine(
            (at ?? throw new DirectoryNotFoundException("Run it from within the repository.")).FullName, "tests", "FedValue.Benchmarks");
    }
}
