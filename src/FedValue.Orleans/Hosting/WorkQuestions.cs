using System.Diagnostics;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Hosting;

/// <summary>Asks a grain about its long work, and stops that work when whoever wanted it gives it up.</summary>
static class WorkQuestions
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200), StopPatience = TimeSpan.FromSeconds(3);

    /// <summary>Asks again until the work's result is on the ledger; a grain that lost its silo begins it again.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="cancel">Has the grain stop the work.</param>
    /// <param name="progress">Told the work's steps.</param>
    /// <param name="cancellation">Gives the work up, also while no answer comes: the grain is told before this is.</param>
    /// <param name="time">How long no answer comes; null: the time that really passes.</param>
    public static async Task<WorkMessage> UntilDoneAsync(
        Func<Task<WorkMessage>> ask, Func<Task> cancel, IProgress<string>? progress, CancellationToken cancellation, TimeProvider? time = null)
    {
        try
        {
            return await AskAsync(ask, progress, new Unheard(time), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await StopAsync(cancel);
            throw;
        }
    }

    static async Task<WorkMessage> AskAsync(
        Func<Task<WorkMessage>> ask, IProgress<string>? progress, Unheard unheard, CancellationToken cancellation)
    {
        string? last = null;
        TimeSpan wait = TimeSpan.FromMilliseconds(1);
        using var asking = new Activity("asking again");
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            WorkMessage work;
            try
            {
                work = await Heard(ask()).WaitAsync(cancellation);
                unheard.Heard();
            }
            catch (Exception lost) when (unheard.Bears(lost))
            {
                await Task.Delay(Patience, cancellation);
                continue;
            }
            // The first question is part of the trace, and the work that it began; some hundred more would only hide them.
            if (asking.Id is null)
                asking.Start().ActivityTraceFlags = ActivityTraceFlags.None;
            if (work.Failure is { } failure)
                throw failure.ToException();
            if (work.IsDone)
                return work;
            if (work.Step is { } step && step != last)
                progress?.Report(last = step);
            await Task.Delay(wait, cancellation);
            wait = wait * 2 < Patience ? wait * 2 : Patience;
        }
    }

    /// <summary>Tells the grain, for a while also one that does not hear; work that was not stopped is what the next close finds done.</summary>
    static async Task StopAsync(Func<Task> cancel)
    {
        using var enough = new CancellationTokenSource(StopPatience);
        while (true)
        {
            try
            {
                await Heard(cancel()).WaitAsync(enough.Token);
                return;
            }
            catch (Exception lost) when (Unheard.Is(lost))
            {
                await Task.Delay(Patience, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                return; // what the caller hears of is that the work was given up
            }
            if (enough.IsCancellationRequested)
                return;
        }
    }

    /// <summary>A call that nobody waits for any more fails in silence.</summary>
    static T Heard<T>(T call)
        where T : Task
    {
        call.Ignore();
        return call;
    }
}
