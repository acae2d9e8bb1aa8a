using System.Diagnostics;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace FedValue.Server.Federations;

/// <summary>
/// Takes the steps of one federation, one after the other, in the background: finishes what a crash left half done, follows the schedule, closes
/// what the operator asks for. A step that fails leaves the ledger as it is and is not tried again before something has changed.
/// </summary>
sealed partial class RoundDriver : IAsyncDisposable
{
    static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(50), DiskPause = TimeSpan.FromSeconds(30);

    // What a timer can wait for at most.
    static readonly TimeSpan PauseMax = TimeSpan.FromDays(1);

    readonly string _federation;
    readonly IFederationHost _host;
    readonly LedgerFeed _feed;
    readonly long _modelLength;
    readonly TimeProvider _clock;
    readonly ServerTelemetry _telemetry;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _asked = new(0);
    readonly Task _loop;
    readonly Lock _closingLock = new();
    CancellationTokenSource? _closing; // of the round that is being closed now
    CloseRequest? _closeAsked; // stays until the round is aggregated or a step has failed for good
    (int Round, int Accepted, bool Aggregated)? _failedAt;
    CloseRequest? _taken; // what the step that is being taken knows of
    int _failedRound; // which could not be closed; 0: none

    public RoundDriver(
        string federation, IFederationHost host, LedgerFeed feed, long modelLength, TimeProvider clock, ServerTelemetry telemetry, ILogger logger)
    {
        (_federation, _host, _feed, _modelLength, _clock, _telemetry, _logger) = (federation, host, feed, modelLength, clock, telemetry, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Why the last step failed, as a sentence; null when it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>The round that is being closed now; 0: none.</summary>
    public int Closing { get; private set; }

    /// <summary>Asks to close a round; it begins in the background.</summary>
    public void AskToClose(int round)
    {
        Volatile.Write(ref _closeAsked, new CloseRequest(round));
        _asked.Release();
    }

    /// <summary>Whether a round is being closed, or will be as soon as the driver comes to it.</summary>
    public bool IsClosing(int round) => Closing == round || Volatile.Read(ref _closeAsked)?.Round == round;

    /// <summary>Stops the work of closing a round that was abandoned: nobody wants its result.</summary>
    public void GiveUp(int round)
    {
        lock (_closingLock)
        {
            if (Closing == round)
                _closing?.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _asked.Dispose();
    }

    async Task RunAsync()
    {
        Activity.Current = null; // the request that made the federation ends long before its rounds
        while (!_stop.IsCancellationRequested)
        {
            long seen = _feed.Size;
            TimeSpan? pause;
            try
            {
                pause = await StepAsync();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                pause = await RememberAsync(failure);
            }
            if (pause != TimeSpan.Zero)
                await PauseAsync(seen, pause);
        }
    }

    /// <summary>Takes the next step and says how long to wait for the one after it; null: until something happens.</summary>
    async Task<TimeSpan?> StepAsync()
    {
        FederationState state = await _host.StateAsync(_stop.Token);
        if (_failedRound != 0 && state.Round?.Number != _failedRound)
            (Problem, _failedAt, _failedRound) = (null, null, 0); // it was abandoned
        _taken = Volatile.Read(ref _closeAsked);
        bool isAsked = state.Round is { } round && _taken?.Round == round.Number;
        if (!isAsked && _failedAt is not null && _failedAt == Place(state))
            return null;
        DateTimeOffset now = _clock.GetUtcNow();
        switch (RoundStep.Next(state, isAsked, now))
        {
            case RoundStep.Open open:
                await _host.OpenRoundAsync(open.Cohort, _stop.Token);
                break;
            case RoundStep.Close:
                await CloseAsync(state.Round!);
                LargeMemory.Release(_modelLength);
                Paid(_logger, _federation, Closing);
                break;
            case RoundStep.Finish:
                await _host.CloseAsync(_stop.Token);
                break;
            case RoundStep.Wait { Until: { } until }:
                return until - now < PauseMax ? until - now : PauseMax;
            default:
                return null;
        }
        (Closing, Problem, _failedAt, _failedRound) = (0, null, null, 0);
        return TimeSpan.Zero;
    }

    async Task CloseAsync(RoundState round)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        lock (_closingLock)
            (Closing, _closing) = (round.Number, closing);
        try
        {
            await _telemetry.RoundAsync(_federation, round.Opened, _clock, () => _host.CloseRoundAsync(cancellation: closing.Token));
        }
        finally
        {
            lock (_closingLock)
                _closing = null;
        }
    }

    async Task<TimeSpan?> RememberAsync(Exception failure)
    {
        int round = Closing;
        Closing = 0;
        if (failure is HostBusyException)
            return BusyPause;
        FederationState state = await _host.StateAsync();
        if (round != 0 && state.Round?.Number != round)
            return TimeSpan.Zero; // it was abandoned meanwhile
        Problem = round == 0 ? failure.Message : $"Round {round} could not be closed: {failure.Message}";
        _failedRound = round;
        StepFailed(_logger, failure, _federation, Problem);
        if (failure is IOException)
            return DiskPause;
        // The operator reads why, and asks again once there is a reason to: what was asked meanwhile is another request.
        if (round != 0)
            Interlocked.CompareExchange(ref _closeAsked, null, _taken);
        _failedAt = Place(state);
        return null;
    }

    /// <summary>One wish of the operator; another one about the same round is not the same.</summary>
    sealed class CloseRequest(int round)
    {
        public int Round => round;
    }

    static (int, int, bool) Place(FederationState state) => state.Round is { } round
        ? (round.Number, round.Accepted.Count, round.Aggregated is not null)
        : (-state.LastRound - 1, state.Participants.Count, false);

    async Task PauseAsync(long seen, TimeSpan? pause)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task[] reasons =
        [
            _feed.WaitBeyondAsync(seen, awake.Token), _asked.WaitAsync(awake.Token),
            Task.Delay(pause ?? Timeout.InfiniteTimeSpan, _clock, awake.Token),
        ];
        await Task.WhenAny(reasons);
        await awake.CancelAsync();
        await Task.WhenAll(reasons).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Federation {Federation}: round {Round} is paid")]
    static partial void Paid(ILogger logger, string federation, int round);

    [LoggerMessage(Level = LogLevel.Error, Message = "Federation {Federation}: {Problem}")]
    static partial void StepFailed(ILogger logger, Exception failure, string federation, string problem);
}
