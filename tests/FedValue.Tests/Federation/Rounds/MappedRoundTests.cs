using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Rounds whose models lie in files while they are aggregated and valued, beside the same rounds in memory.</summary>
public sealed class MappedRoundTests : IDisposable
{
    const string Paying = "gradient-shapley-agreement";
    static readonly string[] Cohort = ["a", "b", "hospital-7"];

    /// <summary>1.2 MB of weights and a counter behind them.</summary>
    static readonly ModelManifest Manifest = new(
    [
        new("embedding", TensorType.F32, [300, 1000], TensorRole.Weight), new("head", TensorType.F32, [10], TensorRole.Weight),
        new("count", TensorType.I64, [], TensorRole.Buffer),
    ]);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedadam")]
    [InlineData("fedmedian")]
    [InlineData("krum:byzantine=0")]
    [InlineData("fedrandom:fedavgm,multikrum,fedyogi")]
    public async Task Rounds_in_files_and_in_memory_have_the_same_root_and_leave_no_map(string aggregator)
    {
        (TreeHead inMemory, _, _) = await RunAsync(aggregator, new InMemoryBlobStore());
        (TreeHead inFiles, ILedgerStore ledger, int? maps) = await RunAsync(aggregator, new DirectoryBlobStore(_folder.Path));
        Assert.Equal(inMemory, inFiles);
        Assert.True(maps is null || maps == Cohort.Length + 1, $"{maps} files were mapped while a round was valued"); // the base model too
        Assert.True(Maps.Of(_folder.Path) is null or 0);

        var blobs = DirectoryBlobStore.OpenForReading(_folder.Path);
        using (var again = new RecomputeAudit(blobs, new CpuBackend(2)))
        {
            Assert.Empty((await LedgerAuditor.AuditAsync(ledger, blobs, recompute: again.CheckAsync)).Findings);
            Assert.True(Maps.Of(_folder.Path) is null or > 0);
        }
        Assert.True(Maps.Of(_folder.Path) is null or 0);
        FederationHistory history = await FederationHistory.LoadAsync(ledger, blobs);
        Assert.NotNull(await AnomalyScan.RunAsync(history, blobs));
        Assert.True(Maps.Of(_folder.Path) is null or 0);
    }

    [Fact]
    public async Task A_close_that_is_cancelled_or_fails_leaves_no_map_and_can_be_asked_for_again()
    {
        var blobs = new DirectoryBlobStore(_folder.Path);
        await using InProcessHost host = await BeginAsync("fedavg", blobs, new InMemoryLedgerStore());
        await host.OpenRoundAsync(Cohort);
        await SubmitAsync(host, 1);
        string path = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Last(file => new FileInfo(file).Length > 1_000_000);
        byte[] kept = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, kept[..^1]);
        await Assert.ThrowsAsync<BlobDamagedException>(() => host.CloseRoundAsync()); // perhaps when others are mapped already
        Assert.True(Maps.Of(_folder.Path) is null or 0);
        await File.WriteAllBytesAsync(path, kept);

        using var stop = new CancellationTokenSource();
        int? mapped = null;
        var cancelling = new Told(step =>
        {
            if (step != Paying)
                return;
            mapped = Maps.Of(_folder.Path);
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.CloseRoundAsync(cancelling, stop.Token));
        Assert.True(mapped is null or > 0);
        Assert.True(Maps.Of(_folder.Path) is null or 0);
        Assert.Equal(1000, (await host.CloseRoundAsync()).Payouts.Payouts.Sum(payout => payout.Amount));
    }

    [Fact]
    public async Task A_model_that_is_not_finite_leaves_no_map()
    {
        await using InProcessHost host = await BeginAsync(
            "fedavgm:server-learning-rate=1e39", new DirectoryBlobStore(_folder.Path), new InMemoryLedgerStore());
        await host.OpenRoundAsync(Cohort);
        await SubmitAsync(host, 1);
        await Assert.ThrowsAsync<ModelNotFiniteException>(() => host.CloseRoundAsync());
        Assert.True(Maps.Of(_folder.Path) is null or 0);
    }

    [Fact]
    public async Task The_model_that_bounds_norms_is_mapped_once_for_all_uploads_of_a_round_and_given_back_after_it()
    {
        var blobs = new DirectoryBlobStore(_folder.Path);
        FederationCreation creation = AnyModelFederation.Creation("fedavg", [Paying], normLimit: 1e6, Manifest);
        await using (InProcessHost host = await InProcessHost.OpenAsync(new InMemoryLedgerStore(), blobs, new CpuBackend(2), new FixedClock()))
        {
            await TinyFederation.BeginAsync(host, creation);
            for (int round = 1; round <= 2; round++)
            {
                await host.OpenRoundAsync(Cohort);
                SubmissionReply[] replies = await Task.WhenAll(Cohort.Select(participant => Task.Run(
                    () => host.SubmitAsync(AnyModelFederation.Submission(participant, round, Manifest)))));
                Assert.All(replies, reply => Assert.True(reply.IsAccepted));
                Assert.True(Maps.Of(_folder.Path) is null or 1); // that of the round before is not
                await host.CloseRoundAsync();
            }
            await host.OpenRoundAsync(Cohort);
            float[] far = new float[Manifest.WeightCount];
            far[7] = 1e7f;
            byte[] update = ModelFile.Write(Manifest, far, [Tensor.OfInt64s("count", [], [1])]);
            Assert.Equal("norm", (await host.SubmitAsync(new UpdateSubmission("a", 3, 10, update))).Reason);
        }
        Assert.True(Maps.Of(_folder.Path) is null or 0);
    }

    async Task<(TreeHead Head, ILedgerStore Ledger, int? Maps)> RunAsync(string aggregator, IBlobStore blobs)
    {
        var ledger = new InMemoryLedgerStore();
        await using InProcessHost host = await BeginAsync(aggregator, blobs, ledger);
        int? most = null;
        for (int round = 1; round <= 2; round++)
        {
            await host.OpenRoundAsync(Cohort);
            await SubmitAsync(host, round);
            await host.CloseRoundAsync(new Told(_ => most = Maps.Of(_folder.Path) is { } maps ? Math.Max(maps, most ?? 0) : null));
            Assert.True(Maps.Of(_folder.Path) is null or 0);
        }
        return (await host.HeadAsync(), ledger, most);
    }

    static async Task<InProcessHost> BeginAsync(string aggregator, IBlobStore blobs, ILedgerStore ledger)
    {
        InProcessHost host = await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(2), new FixedClock());
        await TinyFederation.BeginAsync(host, AnyModelFederation.Creation(aggregator, [Paying, "logdet:lambda=0.01"], manifest: Manifest));
        return host;
    }

    static async Task SubmitAsync(InProcessHost host, int round)
    {
        foreach (string participant in Cohort)
            Assert.True((await host.SubmitAsync(AnyModelFederation.Submission(participant, round, Manifest))).IsAccepted);
    }

    sealed class Told(Action<string> step) : IProgress<string>
    {
        public void Report(string value) => step(value);
    }
}
