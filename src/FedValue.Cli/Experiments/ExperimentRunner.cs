using System.Collections.Concurrent;
using System.Diagnostics;
using FedValue.Cli.Commands;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;

namespace FedValue.Cli.Experiments;

/// <summary>How far a running experiment is.</summary>
/// <param name="Done">Finished simulations.</param>
/// <param name="Total">All of them.</param>
/// <param name="Elapsed">Since this process began.</param>
/// <param name="Remaining">A rough guess; null before the first one.</param>
sealed record ExperimentProgress(int Done, int Total, TimeSpan Elapsed, TimeSpan? Remaining);

/// <summary>Runs the simulations of an experiment side by side, each on one thread and in memory.</summary>
sealed class ExperimentRunner(Experiment experiment, int threads)
{
    readonly ConcurrentDictionary<string, Lazy<Dataset>> _data = new();

    /// <summary>Checks the options of every simulation before any of them runs.</summary>
    /// <returns>The digests of the data sets, in hex, ordered.</returns>
    /// <exception cref="UsageException">One cannot run.</exception>
    public IReadOnlyList<string> Check(CancellationToken cancellation)
    {
        var wrong = new ConcurrentBag<(long Index, Cell Cell, string Sentence)>();
        Parallel.ForEach(experiment.Cells(), Limited(cancellation), (cell, state, index) =>
        {
            try
            {
                SimulationPlan plan = Prepare(cell);
                if (experiment.Truth == Truth.Corrupted && !plan.Participants.Any(p => p.IsCorrupted))
                    throw new SimulationException("The truth is 'corrupted', but nobody is; give the scenario a 'corrupt'.");
            }
            catch (SimulationException problem)
            {
                wrong.Add((index, cell, problem.Message));
                state.Break(); // those before it are still checked, so the first one is named
            }
        });
        if (!wrong.IsEmpty)
        {
            (_, Cell cell, string sentence) = wrong.MinBy(one => one.Index);
            throw new UsageException($"In the experiment '{experiment.Name}', {experiment.Describe(cell)} cannot run: {sentence}");
        }
        return [.. _data.Values.Select(data => data.Value.Digest).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Runs what is missing.</summary>
    public async Task RunAsync(ResultsFile results, IProgress<ExperimentProgress> progress, CancellationToken cancellation)
    {
        Cell[] cells = [.. experiment.Cells()], missing = [.. cells.Where(cell => !results.Results.ContainsKey(cell))];
        int done = cells.Length - missing.Length, finished = 0;
        long began = Stopwatch.GetTimestamp();
        var reporting = new Lock();
        void Report()
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
            TimeSpan? remaining = finished == 0 ? null : elapsed / finished * (missing.Length - finished);
            progress.Report(new ExperimentProgress(done + finished, cells.Length, elapsed, remaining));
        }

        Report();
        await Parallel.ForEachAsync(missing, Limited(cancellation), async (cell, stop) =>
        {
            results.Append(await RunAsync(cell, stop));
            lock (reporting)
            {
                finished++;
                Report();
            }
        });
    }

    async Task<CellResult> RunAsync(Cell cell, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        SimulationPlan plan = Prepare(cell);
        Dictionary<string, double[]>? values = null;
        string? failure = null;
        IReadOnlyDictionary<string, TimeSpan> times = new Dictionary<string, TimeSpan>();
        try
        {
            var ledger = new InMemoryLedgerStore();
            var blobs = new InMemoryBlobStore();
            times = (await new SimulationRunner(plan, ledger, blobs).RunAsync(cancellation: cancellation)).MethodTimes;
            FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs, cancellation, plan.Totals);
            values = experiment.Methods.ToDictionary(method => method, method => (double[])[.. history.Total(method).Values]);
        }
        catch (SimulationException diverged)
        {
            failure = diverged.Message;
        }
        return new CellResult
        {
            Cell = cell,
            Participants = [.. plan.Participants.Select(p => p.Id)],
            Examples = [.. plan.Participants.Select(p => (long)p.Rows.Count)],
            Corrupted = [.. plan.Participants.Select(p => p.IsCorrupted)],
            Values = values,
            Failure = failure,
            Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds,
            MethodSeconds = times.ToDictionary(m => m.Key, m => m.Value.TotalSeconds),
        };
    }

    SimulationPlan Prepare(Cell cell) => SimulationPlan.Prepare(
        experiment.Options(cell), spec => _data.GetOrAdd(spec, name => new Lazy<Dataset>(() => DatasetLoader.Load(name))).Value);

    ParallelOptions Limited(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
}
