using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>
/// Work that takes longer than a turn may: it runs on the thread pool, and a command tells the grain when it has ended. Only the grain's turns
/// touch this object.
/// </summary>
sealed class LongWork<T>
{
    /// <summary>How often work is done again because the ledger had moved on when its result came.</summary>
    const int AttemptsMax = 8;

    CancellationTokenSource? _stop;
    int _outrun;
    Task<T>? _running;
    volatile string? _step;
    bool _isCancelled;

    /// <summary>Whether work was begun and its end was not taken yet.</summary>
    public bool IsBegun => _running is not null;

    /// <summary>Whether work was begun and has ended, but its end was not taken yet: the command that tells of it is under way, or lost.</summary>
    public bool HasEnded => _running is { IsCompleted: true };

    /// <summary>What the work is doing now.</summary>
    public string? Step => _step;

    /// <summary>Begins work.</summary>
    /// <param name="work">Runs outside of any turn.</param>
    /// <param name="ended">Called there when it has ended in whatever way; sends the command.</param>
    /// <param name="step">What it does first.</param>
    public void Begin(Func<IProgress<string>, CancellationToken, T> work, Action ended, string? step = null)
    {
        _step = step;
        _stop = new CancellationTokenSource();
        _isCancelled = false;
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => work(new Steps(this), stop), stop);
        _running.ContinueWith(_ => ended(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>
    /// The result, or why there is none; null while the work runs, when there is none, and when it was cancelled: then nobody wants either.
    /// </summary>
    public (T? Result, FailureMessage? Failure)? Take()
    {
        if (_running is not { IsCompleted: true } ended)
            return null;
        (_running, _step) = (null, null);
        _stop!.Dispose();
        if (_isCancelled)
            return null;
        return ended switch
        {
            { IsCompletedSuccessfully: true } => (ended.Result, null),
            { Exception.InnerException: { } failure } => (default, FailureMessage.Of(failure)),
            _ => (default, new FailureMessage("other", "The work was cancelled.")),
        };
    }

    /// <summary>What to say of an append that was refused: nothing while it is worth doing the work again, else why it was refused.</summary>
    public FailureMessage? GiveUp(FailureMessage? refused)
    {
        _outrun = refused is { IsOutrun: true } ? _outrun + 1 : 0;
        return _outrun is > 0 and < AttemptsMax ? null : refused;
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
