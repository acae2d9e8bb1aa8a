using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
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
    CancellationToken _stop;

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
    public async Task A_result_that_nobody_heard_of_for_two_minutes_is_given_up_however_often_it_was_told()
    {
        var time = new MovedTime();
        LongWork<int> work = await EndedAsync(() => throw new TimeoutException("No silo answers."), time);
        for (int attempt = 0; attempt < 500; attempt++)
            await work.CompleteAsync();
        time.Passed = TimeSpan.FromSeconds(119);
        await work.CompleteAsync();
        Assert.True(work.IsBegun);
        time.Passed = TimeSpan.FromSeconds(121);
        Assert.Equal("No silo answers.", (await AskAsync(work)).Failure?.Message);
        Assert.False(work.IsBegun);
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

    [Theory]
    [InlineData(1, true)] // somebody else was faster, or the round was abandoned
    [InlineData(2, true)]
    [InlineData(0, false)] // a question about a round long gone
    public async Task An_answer_that_a_round_is_done_stops_work_on_it_and_on_those_before(int asked, bool stops)
    {
        LongWork<int> work = await HeldAsync();
        Assert.True((await AskAsync(work, asked, isDone: true)).IsDone);
        Assert.Equal(stops, _stop.IsCancellationRequested);
    }

    [Fact]
    public async Task Work_on_another_round_is_stopped_and_this_one_begun_when_it_has_ended()
    {
        LongWork<int> work = await HeldAsync();
        Assert.Equal((null, false, null), Told(await AskAsync(work, 2)));
        Assert.True(_stop.IsCancellationRequested);
        Assert.Equal(1, work.Round);
        await _ended.Task;
        Assert.Equal((null, false, null), Told(await AskAsync(work, 2)));
        Assert.Equal((2, true, 0), (work.Round, work.IsBegun, _writes));

        static (string? Step, bool IsDone, FailureMessage? Failure) Told(WorkMessage message) => (message.Step, message.IsDone, message.Failure);
    }

    /// <summary>Work on round 1 that goes on until it is stopped.</summary>
    async Task<LongWork<int>> HeldAsync()
    {
        var work = new LongWork<int>(_ =>
        {
            _writes++;
            return Task.FromResult<FailureMessage?>(null);
        });
        var began = new TaskCompletionSource<CancellationToken>();
        await work.AskAsync(1, await OpenedAsync(1), _ => null, () =>
        {
            work.Begin(async (_, stop) =>
            {
                began.SetResult(stop);
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                return 0;
            }, () => _ended.TrySetResult(), "aggregating");
            return Task.CompletedTask;
        });
        _stop = await began.Task;
        return work;
    }

    /// <summary>Work on round 1 that has ended, and whose results are written like this.</summary>
    async Task<LongWork<int>> EndedAsync(Func<FailureMessage?> write, TimeProvider? time = null)
    {
        var work = new LongWork<int>(_ =>
        {
            _writes++;
            return Task.FromResult(write());
        }, time);
        await AskAsync(work);
        await _ended.Task;
        return work;
    }

    /// <summary>Asks about a round, which is open.</summary>
    async Task<WorkMessage> AskAsync(LongWork<int> work, int round = 1, bool isDone = false) =>
        await work.AskAsync(round, await OpenedAsync(Math.Max(1, round)), _ => isDone ? WorkMessage.Done() : null, () =>
        {
            work.Begin((_, _) => Task.FromResult(++_runs), () => _ended.TrySetResult());
            return Task.CompletedTask;
        });

    /// <summary>A ledger on which this round is open, and those before it are abandoned.</summary>
    static async Task<ILedgerView> OpenedAsync(int round)
    {
        var ledger = new InMemoryLedgerStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(ledger, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await TinyFederation.BeginAsync(host);
        for (int number = 1; number <= round; number++)
        {
            await host.OpenRoundAsync(["a"]);
            if (number < round)
                await host.AbandonRoundAsync(number, "It is another one that is asked about.");
        }
        return await StoreLedgerView.OpenAsync(ledger);
    }
}
