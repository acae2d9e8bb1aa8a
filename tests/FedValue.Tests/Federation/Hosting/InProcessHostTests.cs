using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Hosting;

public sealed class InProcessHostTests : FederationHostContract
{
    protected override async Task<IFederationHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock) =>
        await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(2), clock);

    [Fact]
    public async Task A_full_queue_says_busy_and_does_nothing()
    {
        var slow = new SlowBlobs();
        await using InProcessHost host = await InProcessHost.OpenAsync(Ledger, slow, new CpuBackend(1), new FixedClock(), queueCapacity: 2);
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a"]);
        slow.Hold();
        var running = new List<Task<SubmissionReply>>();
        Exception? busy = null;
        for (int i = 0; i < 8 && busy is null; i++)
            busy = Record.Exception(() => running.Add(host.SubmitAsync(TinyFederation.Submission("a", 1))));
        slow.Release();
        Assert.IsType<HostBusyException>(busy);
        Assert.InRange(running.Count, 2, 4); // two wait, one runs, and one may have been taken from the queue meanwhile
        Assert.All(await Task.WhenAll(running), reply => Assert.True(reply.IsAccepted));
        Assert.Single((await host.StateAsync()).Round!.Accepted);
    }

    /// <summary>A blob store that can be made to wait.</summary>
    sealed class SlowBlobs : IBlobStore
    {
        readonly InMemoryBlobStore _inner = new();
        TaskCompletionSource _gate = Opened();

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.SetResult();

        public async ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct)
        {
            await _gate.Task;
            return await _inner.PutAsync(content, ct);
        }

        public ValueTask<Digest> PutAsync(Stream content, CancellationToken ct) => _inner.PutAsync(content, ct);

        public ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct) => _inner.GetAsync(digest, ct);

        public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct) => _inner.ContainsAsync(digest, ct);

        static TaskCompletionSource Opened()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
