using System.Diagnostics;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Simulation;

/// <summary>Where a running simulation is.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Rounds">How many there will be.</param>
/// <param name="Step">What begins now: <c>training</c>, <c>aggregating</c>, a method's name, or <c>paid</c>.</param>
/// <param name="Paid">The round's outcome; null until it is paid.</param>
public sealed record SimulationProgress(int Round, int Rounds, string Step, PaidRound? Paid);

/// <summary>What a finished simulation knows beyond its ledger.</summary>
/// <param name="Head">Size and root of the ledger.</param>
/// <param name="TestLosses">Mean cross-entropy on the test rows before the first round and after each; empty without test rows.</param>
/// <param name="TestAccuracies">Share of test rows classified correctly, likewise.</param>
/// <param name="TrainingTime">Wall time of local training.</param>
/// <param name="MethodTimes">Wall time per method over all rounds.</param>
public sealed record SimulationOutcome(
    TreeHead Head,
    IReadOnlyList<double> TestLosses,
    IReadOnlyList<double> TestAccuracies,
    TimeSpan TrainingTime,
    IReadOnlyDictionary<string, TimeSpan> MethodTimes);

/// <summary>Runs a plan through a host, exactly as trainers over a network would: the host cannot tell the difference.</summary>
/// <param name="plan">What to run.</param>
/// <param name="ledger">An empty ledger.</param>
/// <param name="blobs">Where its blobs go.</param>
/// <param name="samplingClock">What a time limit of sampling goes by; null: the time that really passes. No entry holds a time of it.</param>
public sealed class SimulationRunner(SimulationPlan plan, ILedgerStore ledger, IBlobStore blobs, TimeProvider? samplingClock = null)
{
    readonly Network _network = plan.Network;
    readonly int _threads = plan.Options.Threads ?? Environment.ProcessorCount;
    readonly SimulatedTrainers _trainers = new(plan, plan.Options.Threads ?? Environment.ProcessorCount);

    /// <summary>Runs all rounds. Participants train in parallel and submit in ordinal order.</summary>
    /// <exception cref="SimulationException">Training diverged.</exception>
    public async Task<SimulationOutcome> RunAsync(IProgress<SimulationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var clock = new LogicalClock();
        var backend = new CpuBackend(_threads);
        await using InProcessHost host = await InProcessHost.OpenAsync(
            ledger, blobs, backend, clock, samplingClock: samplingClock, cancellation: cancellation);
        await host.CreateAsync(plan.Creation, cancellation);
        foreach (SimulatedParticipant participant in plan.Participants)
            await host.EnrolAsync(participant.Id, participant.Examples, cancellation: cancellation);

        var test = new TestRows(_network, plan.Test);
        test.Measure(plan.Creation.Model.Weights);
        TimeSpan training = TimeSpan.Zero;
        var times = new Dictionary<string, TimeSpan>();
        try
        {
            for (int round = 1; round <= plan.Options.Rounds; round++)
            {
                int number = round;
                void Report(string step, PaidRound? paid = null) =>
                    progress?.Report(new SimulationProgress(number, plan.Options.Rounds, step, paid));

                clock.Tick();
                Report("training");
                training += await TrainRoundAsync(host, round, cancellation);
                PaidRound paid = await host.CloseRoundAsync(new Relay(step => Report(step)), cancellation);
                foreach ((string method, TimeSpan time) in paid.Times)
                    times[method] = times.GetValueOrDefault(method) + time;
                test.Measure(await WeightsAsync(paid.Aggregated.Model, cancellation));
                Report("paid", paid);
            }
        }
        catch (Exception diverged) when (diverged is CoalitionNotFiniteException or CounterfactualNotFiniteException
            or ModelNotFiniteException or ValuesNotFiniteException)
        {
            throw new SimulationException(diverged.Message);
        }
        clock.Tick();
        await host.CloseAsync(cancellation);
        return new SimulationOutcome(await host.HeadAsync(cancellation), test.Losses, test.Accuracies, training, times);
    }

    async Task<TimeSpan> TrainRoundAsync(IFederationHost host, int round, CancellationToken cancellation)
    {
        IReadOnlyList<int> cohort = plan.Cohort(round);
        RoundOpened opened = await host.OpenRoundAsync([.. cohort.Select(k => plan.Participants[k].Id)], cancellation);
        float[] model = await WeightsAsync(opened.Model, cancellation);

        long began = Stopwatch.GetTimestamp();
        float[][] sent = _trainers.Send(round, cohort, model, cancellation);
        byte[][] updates = Array.ConvertAll(sent, weights => ModelFile.Write(_network.Manifest, weights));
        double?[] losses = _trainers.ClaimLosses(cohort, sent, cancellation);
        TimeSpan took = Stopwatch.GetElapsedTime(began);

        for (int i = 0; i < cohort.Count; i++)
        {
            SimulatedParticipant participant = plan.Participants[cohort[i]];
            SubmissionReply reply = await host.SubmitAsync(
                new UpdateSubmission(participant.Id, round, participant.Examples, updates[i], losses[i]), cancellation);
            if (!reply.IsAccepted)
            {
                throw new SimulationException($"The update of {participant.Id} in round {round} was refused: {reply.Problem} " +
                    "Training has probably diverged; lower --learning-rate.");
            }
        }
        return took;
    }

    async Task<float[]> WeightsAsync(Digest model, CancellationToken cancellation) =>
        ModelFile.ReadWeights(_network.Manifest, await blobs.GetAsync(model, cancellation));

    /// <summary>Reports at once, on the caller's thread; <see cref="Progress{T}"/> would report later, in any order.</summary>
    sealed class Relay(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }

    /// <summary>The rows that valuation never sees.</summary>
    sealed class TestRows(Network network, LabelledRows rows)
    {
        readonly List<double> _losses = [], _accuracies = [];

        public IReadOnlyList<double> Losses => _losses;

        public IReadOnlyList<double> Accuracies => _accuracies;

        public void Measure(float[] model)
        {
            if (rows.Count == 0)
                return;
            (double loss, double accuracy) = ModelScore.Mean(network, rows, model);
            _losses.Add(loss);
            _accuracies.Add(accuracy);
        }
    }
}
