using System.Diagnostics;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Server.Federations;

namespace FedValue.Orleans.Benchmarks;

/// <summary>One round of a tiny model under the embedded host and under the Orleans host: SQLite ledger, blobs in a folder, one process.</summary>
static class HostBenchmark
{
    const int Runs = 3, Threads = 2, AtOnce = 16, SiloPort = 11411, GatewayPort = 30411, WarmUp = 5;
    static readonly int[] Sizes = [10, 100, 1000];

    /// <summary>Measures; <c>--write</c> writes table and figures into tests/FedValue.Benchmarks.</summary>
    public static async Task RunAsync(string[] args)
    {
        var report = new HostReport();
        await using SiloHosting silo = await SiloHosting.StartAsync(Threads, TimeProvider.System, SiloPort, GatewayPort);
        (string Name, IFederationHosting Hosting)[] hosts = [("embedded", new InProcessHosting()), ("Orleans", silo)];
        foreach ((string name, IFederationHosting hosting) in hosts)
            await RoundAsync(name, hosting, WarmUp, run: -1);
        foreach (int participants in Sizes)
        {
            // The hosts take turns, so that what disturbs the machine disturbs both.
            for (int run = 0; run < Runs; run++)
            {
                foreach ((string name, IFederationHosting hosting) in hosts)
                    report.Add(await RoundAsync(name, hosting, participants, run));
            }
        }
        report.Write(args.Contains("--write"));
    }

    static async Task<HostRun> RoundAsync(string name, IFederationHosting hosting, int participants, int run)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fedvalue-hosts-");
        try
        {
            await using SqliteLedgerStore ledger = SqliteLedgerStore.Open(Path.Combine(folder.FullName, "ledger.sqlite"));
            var blobs = new DirectoryBlobStore(Path.Combine(folder.FullName, "blobs"));
            await using IFederationHost host = await hosting.OpenAsync(
                $"{participants}-{run}", ledger, blobs, Threads, TimeProvider.System, _ => { }, CancellationToken.None);
            await host.CreateAsync(TinyFederation.Creation(methods: ["gradient-shapley"]));
            string[] ids = [.. Enumerable.Range(0, participants).Select(k => $"p-{k:D4}")];
            foreach (string id in ids)
                await host.EnrolAsync(id, 100);
            await host.OpenRoundAsync(ids);
            UpdateSubmission[] updates = [.. ids.Select((id, k) => TinyFederation.Submission(id, 1, variant: k))];
            long began = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(updates, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (update, ct) =>
            {
                if (await host.SubmitAsync(update, ct) is { IsAccepted: false } refused)
                    throw new InvalidOperationException(refused.Problem);
            });
            double submit = Stopwatch.GetElapsedTime(began).TotalSeconds;
            began = Stopwatch.GetTimestamp();
            await host.CloseRoundAsync();
            return new HostRun(name, participants, submit, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
