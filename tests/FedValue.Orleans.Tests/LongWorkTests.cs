using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Kernels;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Grains;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Tests;

/// <summary>Work on a round, without a grain around it.</summary>
public sealed class LongWorkTests
{
    readonly TaskCompletionSource _ended = new();
    int _runs, _writes;

    [Fact]
    public async Task A_result_that_nobody_heard_of_is_written_again_and_not_computed_again()
    {
        LongWork<int> work = await EndedAsync(() => _writes < 3 ? throw new TimeoutException("No silo answers.") : null);
        await work.CompleteAsync();
        Assert.True(work.IsBegun);
        await work.CompleteAsync();
        Assert.True(work.IsBegun);
        await work.CompleteAsync();
        Assert.False(work.IsBegun);
        Assert.Equal((1, 3), (_runs, _writes));
    }

    [Fact]
    public async Task A_result_that_nobody_wants_any_more_is_not_written()
    {
        LongWork<int> work = await EndedAsync(() => throw new TimeoutException("No silo answers."));
        await work.CompleteAsync();
        work.Cancel();
        await work.CompleteAsync();
        Assert.Equal((false, 1), (work.IsBegun, _writes));
    }

    [Fact]
    public async Task Why_a_result_could_not_be_written_is_the_answer_to_the_next_question_and_the_one_after_it_begins_anew()
    {
        LongWork<int> work = await EndedAsync(() => throw new IOException("The disk is full."));
        await work.CompleteAsync();
        Assert.Equal(new FailureMessage("io", "The disk is full."), (await AskAsync(work)).Failure);
        WorkMessage again = await AskAsync(work);
        Assert.Equal((null, false, true), (again.Failure, again.IsDone, work.IsBegun));
    }

    /// <summary>Work on round 1 that has ended, and whose results are written like this.</summary>
    async Task<LongWork<int>> EndedAsync(Func<FailureMessage?> write)
    {
        var work = new LongWork<int>(_ =>
        {
            _writes++;
            return Task.FromResult(write());
        });
        await AskAsync(work);
        await _ended.Task;
        return work;
    }

    /// <summary>Asks about round 1, which is open.</summary>
    async Task<WorkMessage> AskAsync(LongWork<int> work)
    {
        var ledger = new InMemoryLedgerStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(ledger, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a"]);
        return await work.AskAsync(1, await StoreLedgerView.OpenAsync(ledger), _ => null, () =>
        {
            work.Begin((_, _) => Task.FromResult(++_runs), () => _ended.TrySetResult());
            return Task.CompletedTask;
        });
    }
}
