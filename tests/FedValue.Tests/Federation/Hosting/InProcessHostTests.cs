using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
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
