using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Grains;
using FedValue.Orleans.Messages;
using FedValue.Protocol.Models;

namespace FedValue.Orleans.Hosting;

/// <summary>
/// A federation whose roles live in grains: sends them their commands, and reads the ledger for what came of them. Bytes of updates go from here
/// into the blob store; the grains hear their digests.
/// </summary>
public sealed class OrleansHost : IFederationHost
{
    readonly IGrainFactory _grains;
    readonly string _federation;
    readonly ILedgerStore _store;
    readonly IBlobStore _blobs;
    readonly TimeProvider _clock;
    readonly Action<TreeHead>? _appended;
    readonly SemaphoreSlim _reading = new(1);
    volatile FederationSetup? _setup;
    ModelCache? _models;
    bool _isDisposed;
    long _told; // how much of the ledger was announced
    readonly LedgerWriter _reader;

    OrleansHost(
        IGrainFactory grains, string federation, IFederationStores stores, TimeProvider clock, Action<TreeHead>? appended, LedgerWriter reader)
    {
        _appended = appended;
        _grains = grains;
        _federation = federation;
        _store = stores.Ledger(federation);
        _blobs = stores.Blobs(federation);
        _clock = clock;
        _reader = reader;
    }

    /// <summary>Speaks to the grains of a federation.</summary>
    /// <param name="grains">The cluster.</param>
    /// <param name="federation">The key of its grains.</param>
    /// <param name="stores">Where the cluster keeps ledgers and blobs.</param>
    /// <param name="clock">Gives the times of what is decided here.</param>
    /// <param name="appended">Told when the host finds that the ledger has grown.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async Task<OrleansHost> OpenAsync(
        IGrainFactory grains, string federation, IFederationStores stores, TimeProvider clock, Action<TreeHead>? appended = null,
        CancellationToken cancellation = default) =>
        new(grains, federation, stores, clock, appended, await LedgerWriter.OpenAsync(stores.Ledger(federation), cancellation));

    /// <summary>The key of its grains.</summary>
    internal string Federation => _federation;

    ILedgerGrain Ledger => _grains.GetGrain<ILedgerGrain>(_federation);

    /// <inheritdoc/>
    public async Task<Receipt> CreateAsync(FederationCreation creation, CancellationToken cancellation = default)
    {
        _ = new FederationSetup(creation.Terms, creation.Model, creation.Validation);
        return await AppendAsync(await creation.StoreAsync(_blobs, Now(), cancellation));
    }

    /// <inheritdoc/>
    public Task<Receipt> EnrolAsync(
        string participant, long declaredExamples, string? publicKey = null, CancellationToken cancellation = default) =>
        AppendAsync(new ParticipantEnrolled(participant, declaredExamples, Now(), publicKey));

    /// <inheritdoc/>
    public async Task<Receipt> ReplaceKeyAsync(
        string participant, string publicKey, string? signature, CancellationToken cancellation = default)
    {
        var replaced = new KeyReplaced(participant, publicKey, Now(), signature);
        FederationState state = await StateAsync(cancellation);
        return SignatureRules.Problem(replaced, state.Name, state.Keys.GetValueOrDefault(participant), model: null) is { } forged
            ? throw new RoundException(forged)
            : await AppendAsync(replaced);
    }

    /// <inheritdoc/>
    public Task<Receipt> RevokeKeyAsync(string participant, string reason, CancellationToken cancellation = default) =>
        AppendAsync(new KeyRevoked(participant, reason, Now()));

    /// <inheritdoc/>
    public async Task<RoundOpened> OpenRoundAsync(IReadOnlyList<string> cohort, CancellationToken cancellation = default)
    {
        Receipt receipt = await AnnouncedAsync(async () =>
            (await _grains.GetGrain<IAggregatorGrain>(_federation).OpenRoundAsync([.. cohort])).Single()!);
        return (RoundOpened)await EntryAsync(receipt.Index, cancellation);
    }

    /// <inheritdoc/>
    public async Task<SubmissionReply> SubmitAsync(UpdateClaim claim, Stream body, CancellationToken cancellation = default)
    {
        if (ParticipantId.Problem(claim.Participant) is { } impossible)
            return SubmissionReply.Unknown(impossible, claim.Participant);
        var message = ClaimMessage.Of(claim);
        IParticipantGrain participant = _grains.GetGrain<IParticipantGrain>(GrainKey.Of(_federation, claim.Participant));
        WantedMessage wanted = await participant.WantsAsync(message);
        if (wanted.Failure is { } failure)
            throw failure.ToException();
        UpdateFault? fault = wanted.IsWanted ? await StoreAsync(claim, body, cancellation) : null;
        return await AnnouncedAsync(async () => (await participant.SubmitAsync(message, IntakeMessage.Of(wanted.IsWanted, fault))).ToReply());
    }

    /// <inheritdoc/>
    public async Task<PaidRound> CloseRoundAsync(IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        (RoundState? open, long known) = await ReadAsync(reader => (reader.State.Round, reader.Head.Size), cancellation);
        if (open is null)
            throw new RoundException("Expected a round that takes updates, but none is open; open one first.");
        return await AnnouncedAsync(() => CloseAsync(open, known, progress, cancellation));
    }

    async Task<PaidRound> CloseAsync(RoundState open, long known, IProgress<string>? progress, CancellationToken cancellation)
    {
        int round = open.Number;
        IAggregatorGrain aggregator = _grains.GetGrain<IAggregatorGrain>(_federation);
        IContributionGrain contributions = _grains.GetGrain<IContributionGrain>(_federation);
        await WorkQuestions.UntilDoneAsync(() => aggregator.CloseRoundAsync(round), () => aggregator.CancelAsync(round), progress, cancellation);
        await AnnounceAsync(); // whoever follows the ledger sees the new model while it is valued
        WorkMessage done = await WorkQuestions.UntilDoneAsync(
            () => contributions.ValueRoundAsync(round), () => contributions.CancelAsync(round), progress, cancellation);
        return await PaidAsync(open, known, done.Seconds, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Receipt> AbandonRoundAsync(
        int round, string reason, bool closesFederation = false, CancellationToken cancellation = default)
    {
        IReadOnlyList<LedgerEvent> events = Abandonment.Of(await StateAsync(cancellation), round, reason, closesFederation, Now());
        AppendMessage appended = await AnnouncedAsync(() => Ledger.AppendAsync([.. events.Select(EventJson.Serialize)]));
        if (appended.Failure is { } failure)
            throw failure.ToException();
        // Nobody may ask about this round again. Whether it is heard or not: the next question about any round ends work on this one.
        _grains.GetGrain<IAggregatorGrain>(_federation).CancelAsync(round).Ignore();
        _grains.GetGrain<IContributionGrain>(_federation).CancelAsync(round).Ignore();
        return appended.Receipts[0].ToReceipt();
    }

    /// <inheritdoc/>
    public async Task<Receipt> CloseAsync(CancellationToken cancellation = default)
    {
        FederationState state = await StateAsync(cancellation);
        return await AppendAsync(new FederationClosed(state.RoundsPaid, state.CurrentModel, Now()));
    }

    /// <inheritdoc/>
    public Task<FederationState> StateAsync(CancellationToken cancellation = default) => ReadAsync(reader => reader.State, cancellation);

    /// <inheritdoc/>
    public Task<TreeHead> HeadAsync(CancellationToken cancellation = default) => ReadAsync(reader => reader.Head, cancellation);

    /// <inheritdoc/>
    public Task<Receipt?> ReceiptAsync(long index, CancellationToken cancellation = default) =>
        ReadAsync(reader => index < 0 || index >= reader.Head.Size ? null : reader.ReceiptFor(index), cancellation);

    /// <inheritdoc/>
    public Task<(TreeHead Head, IReadOnlyList<Digest> Proof)?> ConsistencyAsync(
        long olderSize, long? newerSize = null, CancellationToken cancellation = default) =>
        ReadAsync(reader => reader.Consistency(olderSize, newerSize), cancellation);

    /// <summary>Leaves the grains where they are; nothing is read any more when it returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reading.WaitAsync();
        _isDisposed = true;
        _models?.Dispose();
        _reading.Release();
    }

    /// <summary>Looks at the ledger as it is now.</summary>
    async Task<T> ReadAsync<T>(Func<LedgerWriter, T> look, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await _reader.CatchUpAsync(cancellation);
            return look(_reader);
        }
        finally
        {
            // Also of a reading that was cancelled half way: what it found would not be found again.
            if (_reader.Head.Size > _told)
                _appended?.Invoke(_reader.Head);
            _told = _reader.Head.Size;
            _reading.Release();
        }
    }

    /// <summary>A round that was in progress when the ledger had so many entries, as those after them tell of it.</summary>
    async Task<PaidRound> PaidAsync(RoundState open, long known, Dictionary<string, double> seconds, CancellationToken cancellation)
    {
        int round = open.Number;
        RoundAggregated? aggregated = open.Aggregated;
        RoundValued? valued = null; // with the payouts in one append, so both are still to come
        PayoutsPosted? posted = null;
        await foreach (LedgerEntry entry in _store.ReadAsync(known, cancellation))
        {
            switch (EventJson.Parse(entry.Bytes.Span))
            {
                case RoundAggregated e when e.Round == round:
                    aggregated = e;
                    break;
                case RoundValued e when e.Round == round:
                    valued = e;
                    break;
                case PayoutsPosted slice when slice.Round == round:
                    posted = PayoutSlices.Join(posted, slice, aggregated!.Updates);
                    if (posted.Payouts.Count == aggregated.Updates)
                        return new PaidRound(aggregated, valued!, posted, [.. seconds.Select(s => (s.Key, TimeSpan.FromSeconds(s.Value)))]);
                    break;
            }
        }
        throw new RoundException($"Round {round} was not paid.");
    }

    async Task<UpdateFault?> StoreAsync(UpdateClaim claim, Stream body, CancellationToken cancellation)
    {
        FederationState state = await StateAsync(cancellation);
        FederationSetup setup = _setup ??= await FederationSetup.LoadAsync(
            state.Created ?? throw new RoundException("There is no federation on this ledger yet; create it first."), _blobs, cancellation);
        ModelCache models = LazyInitializer.EnsureInitialized(ref _models, () => new ModelCache(setup, _blobs));
        // Should the round end meanwhile, the participant's grain turns the update away whatever was found.
        using NormBound? bound = await models.BoundAsync(state.Round?.Opened.Model ?? state.CurrentModel, cancellation);
        return await UpdateIntake.StoreAsync(setup, bound, claim, body, _blobs, cancellation);
    }

    async Task<LedgerEvent> EntryAsync(long index, CancellationToken cancellation)
    {
        await foreach (LedgerEntry entry in _store.ReadAsync(index, cancellation))
            return EventJson.Parse(entry.Bytes.Span);
        throw new LedgerFormatException($"Entry {index} was written, but the ledger does not have it: restore a copy.");
    }

    Task<Receipt> AppendAsync(LedgerEvent ledgerEvent) =>
        AnnouncedAsync(async () => (await Ledger.AppendAsync([EventJson.Serialize(ledgerEvent)])).Single()!);

    /// <summary>Announces what a command wrote, also one that failed: its answer may be lost, and part of it done.</summary>
    async Task<T> AnnouncedAsync<T>(Func<Task<T>> command)
    {
        T answer;
        try
        {
            answer = await command();
        }
        catch
        {
            await AnnounceAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the command's failure is the one to hear of
            throw;
        }
        await AnnounceAsync();
        return answer;
    }

    /// <summary>Whoever waits for entries does not depend on a note that may be lost.</summary>
    Task AnnounceAsync() => StateAsync(CancellationToken.None);

    long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
