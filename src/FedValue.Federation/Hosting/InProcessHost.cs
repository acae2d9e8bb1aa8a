using System.Collections.Concurrent;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Hosting;

/// <summary>The default host: every role in this process, each with a bounded mailbox of its own.</summary>
public sealed class InProcessHost : IFederationHost
{
    readonly IBlobStore _blobs;
    readonly IComputeBackend _backend;
    readonly TimeProvider _clock;
    readonly TimeProvider _samplingClock;
    readonly int _queueCapacity;
    readonly PayoutLedger _ledger;
    readonly Mailbox _ledgerBox;
    readonly RoundTracing _tracing = new();
    readonly ConcurrentDictionary<string, (SubmissionTurn Turn, Mailbox Box)> _participants = new(StringComparer.Ordinal);
    Roles? _roles;

    /// <summary>What there is once per federation, beside the ledger.</summary>
    sealed record Roles(
        FederationSetup Setup, ModelCache BaseModel, Aggregator Aggregator, Mailbox AggregatorBox, ContributionTracker Tracker,
        Mailbox TrackerBox);

    InProcessHost(PayoutLedger ledger, IBlobStore blobs, IComputeBackend backend, TimeProvider clock, TimeProvider samplingClock, int queueCapacity)
    {
        _ledger = ledger;
        _blobs = blobs;
        _backend = backend;
        _clock = clock;
        _samplingClock = samplingClock;
        _queueCapacity = queueCapacity;
        _ledgerBox = Box("the ledger");
    }

    /// <summary>Opens a host on a ledger, new or old: what the ledger says is the state.</summary>
    /// <param name="store">The ledger; not disposed by the host.</param>
    /// <param name="blobs">The blobs.</param>
    /// <param name="backend">Computes rounds.</param>
    /// <param name="clock">Gives the times on the ledger.</param>
    /// <param name="queueCapacity">How many turns may wait for one role.</param>
    /// <param name="samplingClock">What a time limit of the sampling terms goes by; null: the time that really passes.</param>
    /// <param name="appended">Told the new head after every append, when the state knows of it; must neither block nor throw.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async Task<InProcessHost> OpenAsync(
        ILedgerStore store, IBlobStore blobs, IComputeBackend backend, TimeProvider clock, int queueCapacity = 64,
        TimeProvider? samplingClock = null, Action<TreeHead>? appended = null, CancellationToken cancellation = default)
    {
        PayoutLedger ledger = await PayoutLedger.OpenAsync(store, appended, cancellation);
        var host = new InProcessHost(ledger, blobs, backend, clock, samplingClock ?? TimeProvider.System, queueCapacity);
        if (ledger.State.Created is { } created)
            host.Begin(await FederationSetup.LoadAsync(created, blobs, cancellation));
        return host;
    }

    /// <inheritdoc/>
    public async Task<Receipt> CreateAsync(FederationCreation creation, CancellationToken cancellation = default)
    {
        var setup = new FederationSetup(creation.Terms, creation.Model, creation.Validation);
        FederationCreated created = await creation.StoreAsync(_blobs, Now(), cancellation);
        Receipt receipt = await AppendAsync(created, cancellation);
        Begin(setup);
        return receipt;
    }

    /// <inheritdoc/>
    public Task<Receipt> EnrolAsync(
        string participant, long declaredExamples, string? publicKey = null, CancellationToken cancellation = default) =>
        AppendAsync(new ParticipantEnrolled(participant, declaredExamples, Now(), publicKey), cancellation);

    /// <inheritdoc/>
    public Task<Receipt> ReplaceKeyAsync(
        string participant, string publicKey, string? signature, CancellationToken cancellation = default) => _ledgerBox.AskAsync(async () =>
    {
        var replaced = new KeyReplaced(participant, publicKey, Now(), signature);
        FederationState state = _ledger.State;
        return SignatureRules.Problem(replaced, state.Name, state.Keys.GetValueOrDefault(participant), model: null) is { } forged
            ? throw new RoundException(forged)
            : (await _ledger.AppendAsync([replaced], cancellation))[0];
    });

    /// <inheritdoc/>
    public Task<Receipt> RevokeKeyAsync(string participant, string reason, CancellationToken cancellation = default) =>
        AppendAsync(new KeyRevoked(participant, reason, Now()), cancellation);

    /// <inheritdoc/>
    public async Task<RoundOpened> OpenRoundAsync(IReadOnlyList<string> cohort, CancellationToken cancellation = default)
    {
        Roles roles = Required();
        RoundOpened opened = await roles.AggregatorBox.AskAsync(() => roles.Aggregator.OpenRoundAsync(cohort, Now(), cancellation));
        await AppendAsync(opened, cancellation);
        return opened;
    }

    /// <inheritdoc/>
    public async Task<SubmissionReply> SubmitAsync(UpdateClaim claim, Stream body, CancellationToken cancellation = default)
    {
        Roles roles = Required();
        if (!_ledger.State.Participants.ContainsKey(claim.Participant))
            return SubmissionTurn.Unknown(claim.Participant);
        (SubmissionTurn turn, Mailbox box) = _participants.GetOrAdd(claim.Participant, id => (TurnOf(id), Box($"participant '{id}'")));
        bool wanted = await box.AskAsync(() => turn.WantsAsync(claim, cancellation));
        UpdateFault? found = null;
        if (wanted)
        {
            // Should the round end meanwhile, the second decision turns the update away whatever was found.
            using NormBound? bound = await roles.BaseModel.BoundAsync(_ledger.State.Round?.Opened.Model ?? _ledger.State.CurrentModel, cancellation);
            found = await UpdateIntake.StoreAsync(roles.Setup, bound, claim, body, _blobs, cancellation);
        }
        SubmissionReply reply = await box.AskAsync(() => turn.DecideAsync(claim, wanted, found, cancellation));
        if (reply.IsAccepted)
            roles.TrackerBox.Nudge(() => roles.Tracker.CatchUpAsync());
        return reply;
    }

    /// <inheritdoc/>
    public async Task<PaidRound> CloseRoundAsync(IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        Roles roles = Required();
        int round = _ledger.State.Round?.Number ?? throw new RoundException("Expected a round that takes updates, but none is open; open one first.");
        // Others may fill the queues all the while: a step of a round waits for its turn, for behind it stands work that would be thrown away.
        RoundAggregated aggregated = await Outrun.AgainAsync(async () =>
        {
            if (_ledger.State.Round?.Aggregated is { } already && already.Round == round)
                return already;
            // An update accepted while the work runs makes the ledger refuse its result; then the work is done again with it.
            progress?.Report("aggregating");
            AggregationWork work = await roles.AggregatorBox.InsistAsync(
                () => roles.Aggregator.BeginAggregationAsync(round, cancellation), cancellation);
            RoundAggregated closed = await Task.Run(() => _tracing.Traced(work)(cancellation), cancellation);
            await _ledgerBox.InsistAsync(() => _ledger.AppendAsync([closed], cancellation), cancellation);
            return closed;
        });

        ValuationWork valuation = await roles.TrackerBox.InsistAsync(
            () => roles.Tracker.BeginValuationAsync(round, cancellation), cancellation);
        ValuedRound valued = await Task.Run(() => _tracing.Traced(valuation)(progress, cancellation), cancellation);
        RoundValued done = await roles.TrackerBox.InsistAsync(() => Task.FromResult(roles.Tracker.CompleteValuation(valued)), cancellation);
        string payBy = _ledger.State.Terms.Payment.PayBy;
        IReadOnlyList<double> values = valued.Results.FirstOrDefault(r => r.Method == payBy)?.Result.Estimate.Values ?? [];
        PayoutsPosted payouts = await _ledgerBox.InsistAsync(() => _ledger.SettleAsync(done, values, cancellation), cancellation);
        return new PaidRound(aggregated, done, payouts, [.. valued.Results.Select(r => (r.Method, r.Time))]);
    }

    /// <inheritdoc/>
    public Task<Receipt> AbandonRoundAsync(
        int round, string reason, bool closesFederation = false, CancellationToken cancellation = default) => _ledgerBox.AskAsync(async () =>
        (await _ledger.AppendAsync(Abandonment.Of(_ledger.State, round, reason, closesFederation, Now()), cancellation))[0]);

    /// <inheritdoc/>
    public Task<Receipt> CloseAsync(CancellationToken cancellation = default) =>
        AppendAsync(new FederationClosed(_ledger.State.RoundsPaid, _ledger.State.CurrentModel, Now()), cancellation);

    /// <inheritdoc/>
    public Task<FederationState> StateAsync(CancellationToken cancellation = default) => Task.FromResult(_ledger.State);

    /// <inheritdoc/>
    public Task<TreeHead> HeadAsync(CancellationToken cancellation = default) => _ledgerBox.AskAsync(() => Task.FromResult(_ledger.Head));

    /// <inheritdoc/>
    public Task<Receipt?> ReceiptAsync(long index, CancellationToken cancellation = default) => _ledgerBox.AskAsync(() =>
        Task.FromResult(index < 0 || index >= _ledger.Head.Size ? null : _ledger.ReceiptFor(index)));

    /// <inheritdoc/>
    public Task<(TreeHead Head, IReadOnlyList<Digest> Proof)?> ConsistencyAsync(
        long olderSize, long? newerSize = null, CancellationToken cancellation = default) =>
        _ledgerBox.AskAsync(() => Task.FromResult(_ledger.Consistency(olderSize, newerSize)));

    /// <summary>Lets every queued turn finish.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach ((_, Mailbox box) in _participants.Values)
            await box.DisposeAsync();
        if (_roles is { } roles)
        {
            await roles.AggregatorBox.DisposeAsync();
            await roles.TrackerBox.DisposeAsync();
            roles.BaseModel.Dispose();
        }
        await _ledgerBox.DisposeAsync();
        _tracing.Dispose();
    }

    void Begin(FederationSetup setup) => _roles = new Roles(
        setup, new ModelCache(setup, _blobs),
        new Aggregator(setup, _ledger, _blobs), Box("the aggregator"),
        new ContributionTracker(setup, _ledger, _blobs, _backend, _samplingClock), Box("the contribution tracker"));

    Mailbox Box(string role) => new(role, _queueCapacity);

    SubmissionTurn TurnOf(string participant) => new(
        new Participant(participant, _ledger), Now, AppendAsync,
        (repeated, cancellation) => _ledgerBox.AskAsync(() => _ledger.FindReceiptAsync(repeated, cancellation)));

    Roles Required() => _roles ?? throw new RoundException("There is no federation on this ledger yet; create it first.");

    async Task<Receipt> AppendAsync(LedgerEvent ledgerEvent, CancellationToken cancellation) =>
        (await _ledgerBox.AskAsync(() => _ledger.AppendAsync([ledgerEvent], cancellation)))[0];

    long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
