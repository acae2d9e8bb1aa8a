using System.Diagnostics;
using System.Threading.Channels;

namespace FedValue.Federation.Hosting;

/// <summary>
/// Gives one role its turns: one at a time, in the order they were asked for. The queue is bounded; when it is full the caller hears so
/// instead of the memory growing.
/// </summary>
sealed class Mailbox : IAsyncDisposable
{
    readonly Channel<Func<Task>> _turns;
    readonly Task _loop;
    readonly string _role;

    public Mailbox(string role, int capacity)
    {
        _role = role;
        _turns = Channel.CreateBounded<Func<Task>>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Runs a turn and gives its result.</summary>
    /// <exception cref="HostBusyException">The queue is full.</exception>
    public Task<T> AskAsync<T>(Func<Task<T>> turn)
    {
        (Func<Task> queued, Task<T> reply) = Replying(turn);
        return _turns.Writer.TryWrite(queued) ? reply : throw new HostBusyException(_role);
    }

    /// <summary>
    /// Runs a turn and gives its result; where the queue is full, waits for a place, and gets the next one that is free. For those of whom there
    /// are few and who would have to throw work away, or the queue would not be bounded.
    /// </summary>
    /// <exception cref="HostBusyException">No more turns are given.</exception>
    public async Task<T> InsistAsync<T>(Func<Task<T>> turn, CancellationToken cancellation)
    {
        (Func<Task> queued, Task<T> reply) = Replying(turn);
        try
        {
            await _turns.Writer.WriteAsync(queued, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new HostBusyException(_role);
        }
        return await reply;
    }

    static (Func<Task> Queued, Task<T> Reply) Replying<T>(Func<Task<T>> turn)
    {
        var reply = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Activity? asker = Activity.Current;
        return (async () =>
        {
            // A turn belongs to the trace of who asked for it; the loop's own context is that of whoever was the first to ask.
            Activity.Current = asker;
            try
            {
                reply.SetResult(await turn());
            }
            catch (OperationCanceledException cancelled)
            {
                reply.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                reply.SetException(failure);
            }
        }, reply.Task);
    }

    /// <summary>Asks for a turn that nobody waits for; may be lost.</summary>
    public void Nudge(Func<Task> turn) => _turns.Writer.TryWrite(async () =>
    {
        Activity.Current = null;
        try
        {
            await turn();
        }
        catch (Exception)
        {
            // A nudge only starts work early. Whoever needs the result asks for it, and meets the failure then.
        }
    });

    async Task RunAsync()
    {
        await foreach (Func<Task> turn in _turns.Reader.ReadAllAsync())
            await turn();
    }

    public async ValueTask DisposeAsync()
    {
        _turns.Writer.TryComplete();
        await _loop;
    }
}

/// <summary>A role's queue is full: nothing happened, try again a little later.</summary>
public sealed class HostBusyException(string role) : Exception($"The queue of {role} is full; nothing was done, try again in a moment.")
{
    /// <summary>Whose queue is full.</summary>
    public string Role { get; } = role;
}
