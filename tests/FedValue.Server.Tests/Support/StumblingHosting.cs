using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Server.Federations;

namespace FedValue.Server.Tests.Support;

/// <summary>A hosting whose hosts fail with these, one after the other, when a round is to be closed, and then do as always.</summary>
sealed class StumblingHosting(IFederationHosting inner, params Exception[] failures) : IFederationHosting
{
    readonly Queue<Exception> _failures = new(failures);

    /// <summary>How many of the failures are still to come.</summary>
    public int Left => _failures.Count;

    public async Task<IFederationHost> OpenAsync(
        string federation, ILedgerStore ledger, IBlobStore blobs, int threads, TimeProvider clock, Action<TreeHead> appended,
        CancellationToken cancellation) =>
        new Stumbling(await inner.OpenAsync(federation, ledger, blobs, threads, clock, appended, cancellation), _failures);

    sealed class Stumbling(IFederationHost host, Queue<Exception> failures) : IFederationHost
    {
        public Task<PaidRound> CloseRoundAsync(IProgress<string>? progress, CancellationToken cancellation) =>
            failures.TryDequeue(out Exception? failure) ? throw failure : host.CloseRoundAsync(progress, cancellation);

        public Task<Receipt> CreateAsync(FederationCreation creation, CancellationToken cancellation) => host.CreateAsync(creation, cancellation);

        public Task<Receipt> EnrolAsync(string participant, long declaredExamples, string? publicKey, CancellationToken cancellation) =>
            host.EnrolAsync(participant, declaredExamples, publicKey, cancellation);

        public Task<Receipt> ReplaceKeyAsync(string participant, string publicKey, string? signature, CancellationToken cancellation) =>
            host.ReplaceKeyAsync(participant, publicKey, signature, cancellation);

        public Task<Receipt> RevokeKeyAsync(string participant, string reason, CancellationToken cancellation) =>
            host.RevokeKeyAsync(participant, reason, cancellation);

        public Task<RoundOpened> OpenRoundAsync(IReadOnlyList<string> cohort, CancellationToken cancellation) =>
            host.OpenRoundAsync(cohort, cancellation);

        public Task<SubmissionReply> SubmitAsync(UpdateClaim claim, Stream body, CancellationToken cancellation) =>
            host.SubmitAsync(claim, body, cancellation);

        public Task<Receipt> AbandonRoundAsync(int round, string reason, bool closesFederation, CancellationToken cancellation) =>
            host.AbandonRoundAsync(round, reason, closesFederation, cancellation);

        public Task<Receipt> CloseAsync(CancellationToken cancellation) => host.CloseAsync(cancellation);

        public Task<FederationState> StateAsync(CancellationToken cancellation) => host.StateAsync(cancellation);

        public Task<TreeHead> HeadAsync(CancellationToken cancellation) => host.HeadAsync(cancellation);

        public Task<Receipt?> ReceiptAsync(long index, CancellationToken cancellation) => host.ReceiptAsync(index, cancellation);

        public Task<(TreeHead Head, IReadOnlyList<Digest> Proof)?> ConsistencyAsync(
            long olderSize, long? newerSize, CancellationToken cancellation) => host.ConsistencyAsync(olderSize, newerSize, cancellation);

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }
}
