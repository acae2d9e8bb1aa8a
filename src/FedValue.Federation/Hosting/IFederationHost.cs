using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Hosting;

/// <summary>
/// A running federation, whatever gives its roles their turns. Every call that changes something returns when it is durable. One contract
/// suite runs against every host.
/// </summary>
public interface IFederationHost : IAsyncDisposable
{
    /// <summary>Begins the federation: stores its blobs and writes the first entry.</summary>
    Task<Receipt> CreateAsync(FederationCreation creation, CancellationToken cancellation = default);

    /// <summary>Lets a participant join.</summary>
    /// <param name="participant">Its id.</param>
    /// <param name="declaredExamples">How many examples it says it holds.</param>
    /// <param name="publicKey">The key that signs its updates; null: nobody signs, as in a simulation.</param>
    /// <param name="cancellation">Before the append only.</param>
    Task<Receipt> EnrolAsync(string participant, long declaredExamples, string? publicKey = null, CancellationToken cancellation = default);

    /// <summary>Puts another key in the place of a participant's.</summary>
    /// <param name="participant">Whose key it is.</param>
    /// <param name="publicKey">The new key.</param>
    /// <param name="signature">Base64 of the old key's signature over the new one; null where the old one was revoked.</param>
    /// <param name="cancellation">Before the append only.</param>
    Task<Receipt> ReplaceKeyAsync(string participant, string publicKey, string? signature, CancellationToken cancellation = default);

    /// <summary>Declares a participant's key void.</summary>
    Task<Receipt> RevokeKeyAsync(string participant, string reason, CancellationToken cancellation = default);

    /// <summary>Opens the next round for a cohort.</summary>
    Task<RoundOpened> OpenRoundAsync(IReadOnlyList<string> cohort, CancellationToken cancellation = default);

    /// <summary>
    /// Takes an update: accepted or refused, with a receipt where there is an entry about it. What the claim alone decides is decided before the
    /// first byte is read.
    /// </summary>
    /// <param name="claim">What is claimed about the update.</param>
    /// <param name="body">Its bytes, read at most once.</param>
    /// <param name="cancellation">Before the append only; nothing is stored then.</param>
    /// <exception cref="HostBusyException">Nothing was done; try again.</exception>
    /// <exception cref="UpdateBodyException">The bytes are not those that were claimed; nothing was done.</exception>
    Task<SubmissionReply> SubmitAsync(UpdateClaim claim, Stream body, CancellationToken cancellation = default);

    /// <summary>Closes the open round: aggregates, values and pays it. A round that was left half closed by a crash is finished.</summary>
    /// <param name="progress">Told which step or method begins.</param>
    /// <param name="cancellation">Stops the long work; the round stays as it is on the ledger.</param>
    Task<PaidRound> CloseRoundAsync(IProgress<string>? progress = null, CancellationToken cancellation = default);

    /// <summary>
    /// Gives up a round that is open or left half closed: it is not paid, and the next one starts from the same model. Work on it that still runs
    /// comes to nothing, for the ledger refuses its result.
    /// </summary>
    /// <param name="round">The round in progress.</param>
    /// <param name="reason">Why, for those who took part.</param>
    /// <param name="closesFederation">Whether the federation ends with it, in the same append.</param>
    /// <param name="cancellation">Before the append only.</param>
    /// <returns>The receipt of the entry about the round.</returns>
    /// <exception cref="RoundException">That round is not in progress.</exception>
    Task<Receipt> AbandonRoundAsync(int round, string reason, bool closesFederation = false, CancellationToken cancellation = default);

    /// <summary>Writes the last entry.</summary>
    Task<Receipt> CloseAsync(CancellationToken cancellation = default);

    /// <summary>What the ledger says now; a snapshot.</summary>
    Task<FederationState> StateAsync(CancellationToken cancellation = default);

    /// <summary>Size and root of the ledger now.</summary>
    Task<TreeHead> HeadAsync(CancellationToken cancellation = default);

    /// <summary>The receipt of an entry in the tree as it is now; null when there is no such entry.</summary>
    Task<Receipt?> ReceiptAsync(long index, CancellationToken cancellation = default);

    /// <summary>
    /// The head of the ledger at a size (null: now) and the proof that it then began with its first entries; null when it never had those sizes,
    /// 1 or more, in that order.
    /// </summary>
    Task<(TreeHead Head, IReadOnlyList<Digest> Proof)?> ConsistencyAsync(
        long olderSize, long? newerSize = null, CancellationToken cancellation = default);
}

/// <summary>What every host can do by what it can do already.</summary>
public static class FederationHostExtensions
{
    /// <summary>Takes an update that lies in memory and is not signed.</summary>
    public static async Task<SubmissionReply> SubmitAsync(
        this IFederationHost host, UpdateSubmission submission, CancellationToken cancellation = default)
    {
        using var body = new MemoryStream(submission.Update.ToArray(), writable: false);
        return await host.SubmitAsync(submission.Claim, body, cancellation);
    }
}

/// <summary>What a federation begins with.</summary>
/// <param name="Name">The federation's name.</param>
/// <param name="Terms">What the participants agree to.</param>
/// <param name="Model">What is trained, as it is before the first round.</param>
/// <param name="Validation">The server's validation rows; null: it has none.</param>
/// <param name="Scenario">How a simulation made its participants; empty outside simulations.</param>
public sealed record FederationCreation(
    string Name, FederationTerms Terms, FederationModel Model, ValidationRows? Validation, IReadOnlyList<ScenarioOption> Scenario)
{
    /// <summary>Stores the blobs of the beginning and gives the first event, which names them.</summary>
    /// <param name="blobs">Where they go.</param>
    /// <param name="at">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Stops between blobs.</param>
    public async Task<FederationCreated> StoreAsync(IBlobStore blobs, long at, CancellationToken cancellation = default) => new(
        Name, Numerics.Version, Terms,
        await blobs.PutAsync(Model.Manifest.ToJson(), cancellation),
        await blobs.PutAsync(Model.ToFile(), cancellation),
        Validation is { } rows ? await blobs.PutAsync(rows.ToBlob(), cancellation) : null,
        Scenario, at);
}

/// <summary>The answer to a submission.</summary>
/// <param name="IsAccepted">Whether the update takes part in the round.</param>
/// <param name="Problem">Why not, as a sentence; null when accepted.</param>
/// <param name="Receipt">The receipt of the entry about it; null when it belonged to no open round and left no entry.</param>
/// <param name="Reason">
/// The short code of a refusal: with a receipt the one on the ledger, for example <c>equivocation</c>; without one that of
/// <see cref="SubmissionDecision.Turn"/>, or <c>unknown</c>. Null when accepted.
/// </param>
/// <param name="Blame">What exactly it blames; null when accepted.</param>
public sealed record SubmissionReply(bool IsAccepted, string? Problem, Receipt? Receipt, string? Reason = null, UpdateBlame? Blame = null)
{
    /// <summary>The answer about somebody who is no participant.</summary>
    public static SubmissionReply Unknown(string problem, string participant) =>
        new(false, problem, null, "unknown", new UpdateBlame(UpdatePart.Participant, "an enrolled participant", participant));
}

/// <summary>A round from aggregation to payment.</summary>
/// <param name="Aggregated">The aggregate.</param>
/// <param name="Valued">The valuations.</param>
/// <param name="Payouts">The payouts.</param>
/// <param name="Times">How long each method took; not part of any entry.</param>
public sealed record PaidRound(
    RoundAggregated Aggregated, RoundValued Valued, PayoutsPosted Payouts, IReadOnlyList<(string Method, TimeSpan Time)> Times);
