using FedValue.Orleans.Hosting;
using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Tests;

/// <summary>How a grain is asked about its long work, without a grain.</summary>
public sealed class WorkQuestionsTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _asks, _cancels;

    public static TheoryData<string> Grains => ["running", "unheard", "silent"];

    [Theory]
    [MemberData(nameof(Grains))]
    public async Task Whoever_gives_up_work_has_it_stopped_whatever_the_grain_answers(string grain)
    {
        using var given = new CancellationTokenSource();
        Task<WorkMessage> asking = UntilDoneAsync(grain, CancelAsync, given.Token);
        await _asked.Task.WaitAsync(Soon);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Soon));
        Assert.Equal(1, _cancels);
    }

    [Theory]
    [InlineData(1)] // and then it is heard
    [InlineData(int.MaxValue)]
    public async Task A_stop_that_is_not_heard_is_asked_for_again_but_not_for_long_and_what_is_heard_of_is_the_giving_up(int failures)
    {
        using var given = new CancellationTokenSource();
        Task<WorkMessage> asking = UntilDoneAsync("unheard", () => CancelAsync().ContinueWith(
            _ => _cancels > failures ? true : throw new TimeoutException("No silo answers."), TaskScheduler.Default), given.Token);
        await _asked.Task.WaitAsync(Soon);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Soon));
        Assert.InRange(_cancels, 2, failures == 1 ? 2 : 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_that_fails_or_never_ends_does_not_take_the_place_of_the_giving_up(bool fails)
    {
        using var given = new CancellationTokenSource();
        Task<WorkMessage> asking = UntilDoneAsync(
            "running", () => fails ? throw new InvalidOperationException("It broke.") : new TaskCompletionSource().Task, given.Token);
        await _asked.Task.WaitAsync(Soon);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Soon));
    }

    [Fact]
    public async Task Who_does_not_answer_is_asked_again_for_two_minutes()
    {
        var time = new MovedTime();
        Task<WorkMessage> Ask()
        {
            time.Passed = ++_asks switch { 1 => default, 2 => TimeSpan.FromSeconds(119), _ => TimeSpan.FromSeconds(121) };
            throw new TimeoutException("No silo answers.");
        }
        await Assert.ThrowsAsync<TimeoutException>(
            () => WorkQuestions.UntilDoneAsync(Ask, CancelAsync, progress: null, CancellationToken.None, time).WaitAsync(Soon));
        Assert.Equal((3, 0), (_asks, _cancels));
    }

    Task<WorkMessage> UntilDoneAsync(string grain, Func<Task> cancel, CancellationToken cancellation) => WorkQuestions.UntilDoneAsync(() =>
    {
        _asked.TrySetResult();
        return grain switch
        {
            "running" => Task.FromResult(WorkMessage.Running("exact")),
            "unheard" => Task.FromException<WorkMessage>(new TimeoutException("No silo answers.")),
            _ => new TaskCompletionSource<WorkMessage>().Task,
        };
    }, cancel, progress: null, cancellation);

    Task CancelAsync()
    {
        Interlocked.Increment(ref _cancels);
        return Task.CompletedTask;
    }
}
