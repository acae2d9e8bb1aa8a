using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Hosting;

public sealed class InProcessHostTests : FederationHostContract
{
    protected override async Task<IFederationHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock) =>
        await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(2), clock);

    [Fact]
    public async Task A_full_queue_says_busy_and_does_nothing()
    {
        await using var slow = new SlowLedger(Ledger);
        await using InProcessHost host = await InProcessHost.OpenAsync(slow, Blobs, new CpuBackend(1), new FixedClock(), queueCapacity: 2);
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a"]);
        slow.Hold();
        Task<SubmissionReply>[] running = [.. Enumerable.Range(0, 8).Select(_ => SubmitAsync(host))];
        Task<SubmissionReply> first = await Task.WhenAny(running); // nothing is written now, so only a refusal can end
        Assert.IsType<HostBusyException>(first.Exception?.InnerException);
        slow.Release();
        foreach (Task<SubmissionReply> submission in running)
        {
            Exception? busy = await Record.ExceptionAsync(() => submission);
            Assert.True(busy is HostBusyException || (await submission).IsAccepted);
        }
        Assert.Contains(running, submission => submission.IsCompletedSuccessfully);
        Assert.Single((await host.StateAsync()).Round!.Accepted);
    }

    [Fact]
    public async Task A_round_is_closed_through_queues_that_others_keep_full_and_is_computed_once()
    {
        await using InProcessHost host = await InProcessHost.OpenAsync(Ledger, Blobs, new CpuBackend(1), new FixedClock(), queueCapacity: 1);
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        foreach (string id in new[] { "a", "b" })
            Assert.True((await host.SubmitAsync(TinyFederation.Submission(id, 1))).IsAccepted);
        using var enough = new CancellationTokenSource();
        int refusals = 0;
        Task[] crowd = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                Task<TreeHead>[] asked = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.HeadAsync()))];
                foreach (Task<TreeHead> ask in asked)
                {
                    if (await Record.ExceptionAsync(() => ask) is HostBusyException)
                        Interlocked.Increment(ref refusals);
                }
            }
        }))];
        while (Volatile.Read(ref refusals) == 0)
            await Task.Yield();
        var steps = new List<string>();
        await host.CloseRoundAsync(new Heard(steps));
        await enough.CancelAsync();
        await Task.WhenAll(crowd);
        Assert.Single(steps, "aggregating");
        Assert.Single(steps, "exact");
        Assert.Equal(1, (await host.StateAsync()).RoundsPaid);
    }

    sealed class Heard(List<string> steps) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (steps)
                steps.Add(value);
        }
    }

    static async Task<SubmissionReply> SubmitAsync(InProcessHost host) => await host.SubmitAsync(TinyFederation.Submission("a", 1));

    /// <summary>A ledger whose appends can be made to wait.</summary>
    sealed class SlowLedger(ILedgerStore inner) : ILedgerStore
    {
        TaskCompletionSource _gate = Opened();

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.SetResult();

        public ValueTask<long> SizeAsync(CancellationToken ct) => inner.SizeAsync(ct);

        public async ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct)
        {
            await _gate.Task;
            await inner.AppendAsync(expectedSize, entries, ct);
        }

        public IAsyncEnumerable<LedgerEntry> ReadAsync(long from, CancellationToken ct) => inner.ReadAsync(from, ct);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        static TaskCompletionSource Opened()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
