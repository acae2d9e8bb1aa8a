namespace FedValue.Benchmarks.Uploads;

/// <summary>
/// Watches how much memory of a process is its own, every few milliseconds: what mapped files take is not, the system can take it back.
/// </summary>
sealed class MemoryWatch : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    readonly CancellationTokenSource _done = new();
    readonly Task _watching;
    long _own, _peak;

    /// <summary>Begins to watch.</summary>
    public MemoryWatch(int process) => _watching = Task.Run(async () =>
    {
        while (!_done.IsCancellationRequested)
        {
            _own = Math.Max(_own, ServerProcess.Status(process, "RssAnon:"));
            _peak = Math.Max(_peak, ServerProcess.Status(process, "VmHWM:"));
            await Task.Delay(Pause, CancellationToken.None);
        }
    });

    /// <summary>Ends watching.</summary>
    /// <returns>The most that was the process's own, and its peak in all as far as it was seen, in bytes.</returns>
    public async Task<(long Own, long Peak)> EndAsync()
    {
        await _done.CancelAsync();
        await _watching;
        return (_own, _peak);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _done.Dispose();
    }
}
