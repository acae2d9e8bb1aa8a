using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>
/// Work on a round that takes longer than a turn may: it runs on the thread pool, a command tells the grain when it has ended, and questions
/// about the round begin it, say how far it is, or why it ended without a result. Only the grain's turns touch this object.
/// </summary>
/// <param name="write">Has the ledger write a result down, in a turn; gives why it refused.</param>
/// <param name="time">How long a ledger does not answer; null: the time that really passes.</param>
sealed class LongWork<T>(Func<T, Task<FailureMessage?>> write, TimeProvider? time = null)
{
    readonly Unheard _unheard = new(time);
    CancellationTokenSource? _stop;
    int _outrun;
    Task<T>? _running;
    volatile string? _step;
    bool _isCancelled;
    (int Round, FailureMessage Why)? _failure;

    /// <summary>Whether work was begun and its end was not taken yet.</summary>
    public bool IsBegun => _running is not null;

    /// <summary>The round that the work is or was about; 0 before any.</summary>
    public int Round { get; private set; }

    /// <summary>Answers a question about a round: no other is ever begun.</summary>
    /// <param name="round">The round.</param>
    /// <param name="ledger">What the ledger says.</param>
    /// <param name="done">The answer when the ledger has the result; null when it has not.</param>
    /// <param name="begin">Calls <see cref="Begin"/>.</param>
    public async Task<WorkMessage> AskAsync(int round, ILedgerView ledger, Func<FederationState, WorkMessage?> done, Func<Task> begin)
    {
        await CompleteAsync(); // the command that tells of the end may be lost
        if (_failure is { } failure)
        {
            _failure = null;
            if (failure.Round == round)
                return WorkMessage.Failed(failure.Why);
        }
        try
        {
            FederationState state = await ledger.CurrentAsync();
            if (done(state) is { } already)
            {
                CancelUpTo(round); // the round was abandoned, or another activation was faster
                return already;
            }
            if (state.Round?.Number != round)
                throw new RoundException($"Round {round} is not open; open it first.");
            if (IsBegun && Round != round)
                Cancel(); // of a round that was abandoned, or paid by another activation; this one is begun when that has ended
            else if (!IsBegun)
            {
                _outrun = Round == round ? _outrun : 0;
                Round = round;
                await begin();
            }
            return WorkMessage.Running(_isCancelled ? null : _step);
        }
        catch (Exception failed) when (FailureMessage.Carries(failed))
        {
            return WorkMessage.Failed(FailureMessage.Of(failed));
        }
    }

    /// <summary>Takes the end of the work, if it has ended and nobody did, and has its result written down.</summary>
    public async Task CompleteAsync()
    {
        if (_running is not { IsCompleted: true } ended)
            return;
        FailureMessage? why = null;
        try
        {
            if (!_isCancelled) // nobody wants result or failure of what was
                why = await FailureOfAsync(ended) ?? GiveUp(await write(await ended));
        }
        catch (Exception unheard) when (_unheard.Bears(unheard))
        {
            return; // the result is kept, and the next question has it written again, by another silo perhaps
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            why = FailureMessage.Of(failed); // nobody waits for this command, so the next question hears of it
        }
        (_running, _step) = (null, null);
        _unheard.Heard();
        _stop!.Dispose();
        if (why is not null)
            _failure = (Round, why);
    }

    /// <summary>Begins work.</summary>
    /// <param name="work">Runs outside of any turn.</param>
    /// <param name="ended">Called there when it has ended in whatever way; sends the command.</param>
    /// <param name="step">What it does first.</param>
    public void Begin(Func<IProgress<string>, CancellationToken, Task<T>> work, Action ended, string? step = null)
    {
        _step = step;
        _stop = new CancellationTokenSource();
        _isCancelled = false;
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => work(new Steps(this), stop), stop);
        _running.ContinueWith(_ => ended(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    static async Task<FailureMessage?> FailureOfAsync(Task work)
    {
        try
        {
            await work;
            return null;
        }
        catch (Exception failure)
        {
            return FailureMessage.Of(failure);
        }
    }

    /// <summary>What to say of an append that was refused: nothing while it is worth doing the work again, else why it was refused.</summary>
    FailureMessage? GiveUp(FailureMessage? refused)
    {
        _outrun = refused is { IsOutrun: true } ? _outrun + 1 : 0;
        return _outrun is > 0 and < Outrun.AttemptsMax ? null : refused;
    }

    /// <summary>Asks the work to stop if it is about this round or an earlier one.</summary>
    public void CancelUpTo(int round)
    {
        if (Round <= round)
            Cancel();
    }

    /// <summary>Asks the work to stop; it ends as every work does.</summary>
    public void Cancel()
    {
        if (_running is null)
            return;
        _isCancelled = true;
        _stop!.Cancel();
    }

    sealed class Steps(LongWork<T> work) : IProgress<string>
    {
        public void Report(string value) => work._step = value;
    }
}
