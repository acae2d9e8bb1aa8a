using System.Security.Cryptography;
using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Contracts;
using FedValue.Protocol.Models;

namespace FedValue.Client;

/// <summary>What a federation is.</summary>
/// <param name="Name">Its name and the leaf hash of its first entry, to which signatures are bound.</param>
/// <param name="Terms">What participants agree to, as the ledger's first entry spells it.</param>
/// <param name="Manifest">Its model's tensors.</param>
public sealed record Federation(LedgerName Name, JsonElement Terms, ModelManifest Manifest);

/// <summary>
/// One participant's connection to one federation on a FedValue server. Whatever fails for a while (no connection, 429, 503) is repeated, as
/// <see cref="ClientOptions"/> say; what the server refuses is a <see cref="FederationException"/>. For one caller at a time, but events may be
/// read meanwhile.
/// </summary>
public sealed class FedValueClient : IDisposable
{
    readonly ClientOptions _options;
    readonly Connection _connection;
    readonly string _federation, _path;
    Federation? _known;
    LedgerView? _view;

    /// <summary>Connects nothing yet.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="federation">The federation's name.</param>
    /// <param name="participant">The participant's id.</param>
    /// <param name="key">Its private key on P-256, see <see cref="KeyFile"/>; not disposed.</param>
    /// <param name="options">How to deal with time and trouble; null: the defaults.</param>
    /// <exception cref="FormatException">The state file is none.</exception>
    /// <exception cref="IOException">It cannot be read, or another client uses it.</exception>
    public FedValueClient(Uri server, string federation, string participant, ECDsa key, ClientOptions? options = null)
    {
        if (ParticipantId.Problem(participant) is { } problem)
            throw new ArgumentException(problem, nameof(participant));
        if (server.Scheme != Uri.UriSchemeHttp && server.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException($"A server's address begins with http:// or https://, but '{server}' came.", nameof(server));
        _options = options ?? new ClientOptions();
        _connection = new Connection(server, participant, key, _options);
        State = new ClientState(_options.StateFile); // last: whoever gets no client could not end its lock
        _federation = federation;
        _path = "federations/" + Uri.EscapeDataString(federation);
    }

    /// <summary>The participant's id.</summary>
    public string Participant => _connection.Participant;

    /// <summary>The receipts that were given, and the last head that was checked.</summary>
    public ClientState State { get; }

    /// <summary>The federation's terms and model; asked for once.</summary>
    public async Task<Federation> FederationAsync(CancellationToken cancellation = default)
    {
        if (_known is not null)
            return _known;
        FederationInfo info = await _connection.GetAsync<FederationInfo>(_path, ledger: null, cancellation);
        var name = new LedgerName(_federation, info.Ledger);
        if (_options.Ledger is { } expected && expected != name.FirstEntry)
        {
            throw new TamperingException(
                $"The federation '{_federation}' was expected to begin with the entry {expected}, but this server's begins with {name.FirstEntry}.");
        }
        State.Bind(_federation, name.FirstEntry, Participant);
        byte[] manifest = System.Text.Encoding.UTF8.GetBytes(info.Manifest.GetRawText());
        try
        {
            return _known = new Federation(name, info.Terms, ModelManifest.Parse(manifest));
        }
        catch (FormatException wrong)
        {
            throw new FederationException($"The server described a model in a way that is not in the protocol: {wrong.Message}", inner: wrong);
        }
    }

    /// <summary>Joins the federation. The same again gives the same receipt.</summary>
    /// <param name="token">What the operator gave the participant.</param>
    /// <param name="declaredExamples">How many examples it holds: the most that its updates may claim.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Receipt> EnrolAsync(string token, long declaredExamples, CancellationToken cancellation = default)
    {
        var wish = new EnrolmentRequest(Participant, token, _connection.PublicKey(), declaredExamples);
        Receipt receipt = await KeepAsync(await _connection.SendAsync<ReceiptMessage, EnrolmentRequest>(
            HttpMethod.Post, _path + "/participants", wish, cancellation), cancellation);
        State.Declare(declaredExamples);
        return receipt;
    }

    /// <summary>
    /// Puts another key in the place of the participant's: the old one signs, or the operator's token says so after the old one was revoked. The
    /// client signs with it from then on. Whoever lost the answer goes on with either key and sees which one is taken.
    /// </summary>
    /// <param name="key">The new private key; not disposed.</param>
    /// <param name="token">What the operator gave; null: the old key signs.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Receipt> ReplaceKeyAsync(ECDsa key, string? token = null, CancellationToken cancellation = default)
    {
        LedgerName ledger = (await FederationAsync(cancellation)).Name;
        string text = ParticipantKey.Text(key);
        var wish = new KeyRequest(text, token is null ? _connection.Sign(Statements.Key(ledger, Participant, text)) : null, token);
        ReceiptMessage replaced = await _connection.SendAsync<ReceiptMessage, KeyRequest>(
            HttpMethod.Put, $"{_path}/participants/{Participant}/key", wish, cancellation);
        _connection.Use(key);
        return await KeepAsync(replaced, cancellation);
    }

    /// <summary>The round that the federation is in.</summary>
    public Task<RoundAnnouncement> RoundAsync(CancellationToken cancellation = default) =>
        GetAsync<RoundAnnouncement>("/rounds/current", cancellation);

    /// <summary>A model's safetensors file, digest checked.</summary>
    /// <exception cref="InvalidOperationException">It is longer than an array can be, 2 GiB: write it to a stream.</exception>
    public async Task<byte[]> DownloadModelAsync(Digest model, CancellationToken cancellation = default)
    {
        using var file = new MemoryStream();
        await DownloadModelAsync(model, file, cancellation);
        return file.ToArray();
    }

    /// <summary>Writes a model's safetensors file to a stream as it arrives; a connection that is lost is resumed where it was.</summary>
    /// <exception cref="TamperingException">The bytes, which were written, are not those of the digest.</exception>
    public async Task DownloadModelAsync(Digest model, Stream destination, CancellationToken cancellation = default)
    {
        LedgerName ledger = (await FederationAsync(cancellation)).Name;
        await new ModelDownload(_connection, $"{_path}/models/{model}", ledger).RunAsync(model, destination, cancellation);
    }

    /// <summary>
    /// Signs and uploads an update, piece by piece as fast as the server takes it. A lost connection repeats the same upload, which the server
    /// answers with the same receipt.
    /// </summary>
    /// <param name="round">The open round.</param>
    /// <param name="model">The digest of the model that the round began with.</param>
    /// <param name="update">The local model and what is claimed about it.</param>
    /// <param name="cancellation">Stops; an update that arrived whole may have been accepted.</param>
    /// <exception cref="ArgumentException">The update is not of the federation's model, or claims what nobody can.</exception>
    public async Task<Receipt> SubmitAsync(int round, Digest model, LocalUpdate update, CancellationToken cancellation = default)
    {
        Federation federation = await FederationAsync(cancellation);
        await update.CheckAsync(federation.Manifest, cancellation);
        var upload = new Upload(_connection, FormattableString.Invariant($"{_path}/rounds/{round}/updates/{Participant}"), federation.Name);
        UploadReply reply = await upload.RunAsync(round, model, update, cancellation);
        return await KeepAsync(reply.Receipt, cancellation, new SentUpdate(round, await update.DigestAsync(cancellation)));
    }

    /// <summary>
    /// Takes part until the federation has ended: waits for rounds, downloads, trains, submits and checks the receipt. A restarted process goes
    /// on where the ledger is; rounds in which the participant's update was already accepted are passed over.
    /// </summary>
    /// <param name="trainer">Trains.</param>
    /// <param name="submitted">Told after every accepted update.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="TamperingException">The server's ledger contradicts what it said before.</exception>
    public Task RunAsync(
        ITrainer trainer, Func<SubmittedRound, CancellationToken, Task>? submitted = null, CancellationToken cancellation = default) =>
        new TrainingLoop(this, trainer, _options, submitted).RunAsync(cancellation);

    /// <summary>What updates were worth, by every method of the terms, round by round and in total.</summary>
    /// <param name="round">One round only; null: all that were paid.</param>
    /// <param name="participant">One participant only; null: everybody.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<Contributions> ContributionsAsync(int? round = null, string? participant = null, CancellationToken cancellation = default) =>
        GetAsync<Contributions>("/contributions" + Query(round, participant), cancellation);

    /// <summary>What rounds paid, in minor units.</summary>
    /// <param name="round">One round only; null: all that were paid.</param>
    /// <param name="participant">One participant only; null: everybody.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<PayoutList> PayoutsAsync(int? round = null, string? participant = null, CancellationToken cancellation = default) =>
        GetAsync<PayoutList>("/payouts" + Query(round, participant), cancellation);

    /// <summary>What everybody earned so far, in minor units.</summary>
    public Task<BalanceSheet> BalancesAsync(CancellationToken cancellation = default) => GetAsync<BalanceSheet>("/balances", cancellation);

    /// <summary>What this participant earned so far, in minor units.</summary>
    public async Task<long> BalanceAsync(CancellationToken cancellation = default) =>
        (await BalancesAsync(cancellation)).Balances.FirstOrDefault(balance => balance.Participant == Participant)?.Amount ?? 0;

    /// <summary>The ledger's entries as they happen, resumed by itself, each once and in order, until the federation has ended.</summary>
    /// <param name="from">The first entry; null: what comes next.</param>
    /// <param name="cancellation">Stops.</param>
    public async IAsyncEnumerable<FederationEvent> EventsAsync(
        long? from = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        LedgerView view = await ViewAsync(cancellation);
        long first = from ?? (await view.HeadAsync(cancellation)).Size;
        var feed = new EventFeed(_connection, _options, _path, (await FederationAsync(cancellation)).Name, view);
        await foreach (FederationEvent happened in feed.ReadAsync(first, cancellation))
            yield return happened;
    }

    /// <summary>The ledger's entries that are there now, page by page, leaf hashes checked.</summary>
    public async IAsyncEnumerable<EntryMessage> EntriesAsync(
        long from = 0, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        LedgerView view = await ViewAsync(cancellation);
        await foreach (EntryMessage entry in view.EntriesAsync(from, cancellation))
            yield return entry;
    }

    /// <summary>Size and root of the ledger now; it begins with what this client saw before.</summary>
    public async Task<TreeHead> HeadAsync(CancellationToken cancellation = default) =>
        await (await ViewAsync(cancellation)).HeadAsync(cancellation);

    /// <summary>A receipt of any entry in the tree as it is now.</summary>
    public async Task<Receipt> ReceiptAsync(long index, CancellationToken cancellation = default) =>
        await (await ViewAsync(cancellation)).ReceiptAsync(index, cancellation);

    /// <summary>
    /// Checks a receipt against the ledger: the proof leads to the root, the entry's exact text has the leaf hash, and the ledger that the server
    /// shows now begins with that of the receipt and with all that this client saw.
    /// </summary>
    /// <returns>What the entry says.</returns>
    /// <exception cref="TamperingException">Something does not fit.</exception>
    public async Task<LedgerEvent> VerifyReceiptAsync(Receipt receipt, CancellationToken cancellation = default) =>
        await (await ViewAsync(cancellation)).VerifyAsync(receipt, cancellation);

    /// <summary>Checks every receipt that is kept against the ledger as it is now, and gives their number.</summary>
    /// <exception cref="TamperingException">Something does not fit; keep the receipts then.</exception>
    public async Task<int> VerifyReceiptsAsync(CancellationToken cancellation = default)
    {
        IReadOnlyList<KeptReceipt> receipts = State.Receipts;
        foreach (KeptReceipt kept in receipts)
            await VerifyReceiptAsync(kept.Receipt, cancellation);
        return receipts.Count;
    }

    /// <summary>
    /// Reads the whole ledger and checks what it says: the tree, the order of events, signatures, divisions of budgets by their weights, that the
    /// balances that the server states are what was paid, and that all receipts that are kept and the last checked head are its own. Values are
    /// not recomputed: that is <c>fedvalue audit --recompute</c> on a copy of the ledger.
    /// </summary>
    /// <exception cref="TamperingException">The first thing that is wrong.</exception>
    public async Task<LedgerReport> VerifyLedgerAsync(CancellationToken cancellation = default) =>
        await (await ViewAsync(cancellation)).CheckAllAsync(cancellation);

    /// <summary>Fetches the receipts of own updates that were accepted though no answer was heard, where receipts are kept in a file.</summary>
    internal async Task RecoverAsync(CancellationToken cancellation) =>
        await (await ViewAsync(cancellation)).RecoverAsync(Participant, cancellation);

    async Task<LedgerView> ViewAsync(CancellationToken cancellation) =>
        _view ??= new LedgerView(_connection, _path, (await FederationAsync(cancellation)).Name, State);

    async Task<T> GetAsync<T>(string path, CancellationToken cancellation) =>
        await _connection.GetAsync<T>(_path + path, (await FederationAsync(cancellation)).Name, cancellation);

    static string Query(int? round, string? participant)
    {
        string[] parts =
        [
            .. round is { } r ? [FormattableString.Invariant($"round={r}")] : Array.Empty<string>(),
            .. participant is null ? Array.Empty<string>() : ["participant=" + Uri.EscapeDataString(participant)],
        ];
        return parts.Length == 0 ? "" : "?" + string.Join('&', parts);
    }

    async Task<Receipt> KeepAsync(ReceiptMessage message, CancellationToken cancellation, SentUpdate? sent = null) =>
        await (await ViewAsync(cancellation)).KeepAsync(message.ToReceipt(), sent, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        State.Dispose();
    }
}
